package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Activations;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;
import dev.fluxgate.denoiser.transformer.flux2.ReferenceKeys;
import dev.fluxgate.denoiser.transformer.flux2.StepModulations;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * One call of the transformer with kept references. Where the reference passes them along with the
 * first step, we pass them alone before it, since nothing else reaches them: the stages of both
 * passes together are the stages of its one. L text, R reference, S image tokens.
 */
final class ReferenceKeysOperation {
  /** Both times pass here; the reference's record keeps what came last, which is time 0. */
  private static final Set<String> AT_REST = Set.of("temb", "modulation_img", "modulation_single");

  private final CaseRun run;
  private final Flux2Params params;
  private final DType dtype;
  private final int references;
  private final HostTensor image;
  private final HostTensor text;

  private ReferenceKeysOperation(CaseRun run) {
    this.run = run;
    params = Flux2Params.of(ConfigJson.read(run.golden().modelFolder().resolve("config.json")));
    dtype = run.golden().computeType();
    references = run.golden().parameters().path("num_ref_tokens").asInt();
    image = rows("hidden_states");
    text = rows("encoder_hidden_states");
  }

  /** The step that computes the keys and values of the references. */
  static void extract(CaseRun run) {
    ReferenceKeysOperation operation = new ReferenceKeysOperation(run);
    operation.with(operation::extract);
  }

  /** A step that finds them computed. */
  static void cached(CaseRun run) {
    ReferenceKeysOperation operation = new ReferenceKeysOperation(run);
    operation.with(operation::cached);
  }

  private HostTensor rows(String name) {
    HostTensor batch = run.input(name).to(dtype);
    return batch.reshape(batch.shape().dim(1), batch.shape().dim(2));
  }

  private void with(BiConsumer<Loaded, Memory> call) {
    boolean extracts = run.golden().operation().equals("forward_kv_extract");
    int made = image.shape().size(0) - (extracts ? references : 0);
    StageRecord stages = new StageRecord(run);
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder());
        WeightStore store = run.backend().weights(dtype);
        Workspace workspace =
            run.backend().workspace(WorkspacePlan.bytes(plan -> layOut(plan, made)))) {
      Flux2Weights weights = Flux2Weights.load(params, checkpoint, store);
      call.accept(new Loaded(run, params, weights, stages), layOut(workspace, made));
    }
    stages.compare(UnaryOperator.identity(), this::textFirst);
  }

  private void extract(Loaded loaded, Memory memory) {
    PositionIds places = TransformerBatch.positions(run, "img_ids");
    TransformerOperation.angles(run, params);
    Flux2Transformer transformer = loaded.transformer(stage -> !AT_REST.contains(stage));
    PositionIds seen = part(places, 0, references);
    run.backend().upload(image.slice(0, references), memory.references());
    loaded.transformer(AT_REST::contains).modulate(new float[1], null, memory.atRest());
    transformer.place(PositionIds.text(0), seen, memory.alone());
    transformer.remember(memory.references(), memory.atRest().at(0), memory.alone(), memory.keys());
    int made = memory.latents().rows();
    forward(transformer, memory, image.slice(references, made), part(places, references, made));
    each("double", memory.keys().doubleBlocks(), this::give);
    each("single", memory.keys().singleBlocks(), this::give);
  }

  private void cached(Loaded loaded, Memory memory) {
    each("double", memory.keys().doubleBlocks(), this::take);
    each("single", memory.keys().singleBlocks(), this::take);
    PositionIds places = TransformerBatch.positions(run, "img_ids");
    forward(loaded.transformer(_ -> true), memory, image, places);
  }

  private void forward(
      Flux2Transformer transformer, Memory memory, HostTensor latents, PositionIds places) {
    PositionIds words = TransformerBatch.positions(run, "txt_ids");
    transformer.place(words, places, memory.activations());
    transformer.modulate(run.input("timestep").toFloats(), null, memory.steps());
    run.backend().upload(latents, memory.latents());
    run.backend().upload(text, memory.embeds());
    transformer.forward(
        memory.latents(),
        memory.embeds(),
        memory.steps().at(0),
        memory.activations(),
        memory.velocity());
    HostTensor velocity = run.backend().download(memory.velocity());
    run.put("sample", velocity.reshape(1, velocity.shape().dim(0), velocity.shape().dim(1)));
  }

  private static void each(
      String kind, List<ReferenceKeys.Layer> layers, BiConsumer<String, Tensor> action) {
    for (int i = 0; i < layers.size(); i++) {
      action.accept("cache." + kind + "." + i + ".key", layers.get(i).keys());
      action.accept("cache." + kind + "." + i + ".value", layers.get(i).values());
    }
  }

  private void take(String name, Tensor into) {
    run.backend().upload(run.input(name).to(dtype), into);
  }

  private void give(String name, Tensor from) {
    HostTensor kept = run.backend().download(from);
    run.put(name, kept.reshape(1, references, params.heads(), params.headDim()));
  }

  private static PositionIds part(PositionIds all, int from, int count) {
    int[] ids = new int[count * PositionIds.AXES];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = all.id(from + i / PositionIds.AXES, i % PositionIds.AXES);
    }
    return PositionIds.of(ids);
  }

  /** Of all tokens, ours are [reference, text, image], the reference's [text, reference, image]. */
  private HostTensor textFirst(HostTensor stage) {
    int tokens = text.shape().size(0);
    boolean extracts = run.golden().operation().equals("forward_kv_extract");
    if (!extracts
        || stage.shape().rank() != 3
        || stage.shape().dim(1) != tokens + image.shape().dim(0)) {
      return stage;
    }
    HostTensor rows = stage.reshape(stage.shape().dim(1), stage.shape().dim(2));
    List<HostTensor> parts =
        List.of(
            rows.slice(references, tokens),
            rows.slice(0, references),
            rows.slice(references + tokens, image.shape().dim(0) - references));
    return Numbers.stack(parts, stage.shape());
  }

  private Memory layOut(Workspace workspace, int made) {
    ReferenceKeys keys = new ReferenceKeys(workspace, params, dtype, references);
    int words = text.shape().size(0);
    return new Memory(
        workspace.tensor(dtype, Shape.of(made, params.inChannels())),
        workspace.tensor(dtype, Shape.of(references, params.inChannels())),
        workspace.tensor(dtype, text.shape()),
        workspace.tensor(dtype, Shape.of(made, params.outChannels())),
        new StepModulations(workspace, params, dtype, 1),
        new StepModulations(workspace, params, dtype, 1),
        keys,
        new Flux2Activations(workspace, params, dtype, 0, references),
        new Flux2Activations(workspace, params, dtype, words, made, keys));
  }

  /** Weights, and who sees the stages. */
  private record Loaded(CaseRun run, Flux2Params params, Flux2Weights weights, StageProbe stages) {
    Flux2Transformer transformer(Predicate<String> shown) {
      return new Flux2Transformer(
          run.backend(),
          params,
          weights,
          (stage, tensor) -> {
            if (shown.test(stage)) {
              stages.observe(stage, tensor);
            }
          });
    }
  }

  private record Memory(
      Tensor latents,
      Tensor references,
      Tensor embeds,
      Tensor velocity,
      StepModulations steps,
      StepModulations atRest,
      ReferenceKeys keys,
      Flux2Activations alone,
      Flux2Activations activations) {}
}

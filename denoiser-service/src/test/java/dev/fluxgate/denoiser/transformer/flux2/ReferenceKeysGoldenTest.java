package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.engine.backend.Backend;
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
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps beside references that are passed once and kept. R reference tokens. */
class ReferenceKeysGoldenTest {

  static Stream<Arguments> extractsOnEveryBackend() {
    return cases("forward_kv_extract");
  }

  static Stream<Arguments> laterStepsOnEveryBackend() {
    return cases("forward_kv_cached");
  }

  private static Stream<Arguments> cases(String operation) {
    return TestedBackend.each(
        GoldenCase.all("flux2-transformer").stream()
            .filter(golden -> golden.operation().equals(operation)));
  }

  /** Where the reference passes all tokens at once, we pass the references alone, before. */
  @ParameterizedTest
  @MethodSource("extractsOnEveryBackend")
  void keepsTheKeysThatTheReferenceKeeps(GoldenCase golden, TestedBackend tested) {
    Step step = Step.of(golden);
    HostTensor all = step.rows("hidden_states");
    PositionIds places = TransformerRun.positions(golden.tensor("in.img_ids"));
    int made = all.shape().size(0) - step.references();
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model());
        WeightStore store = backend.weights(step.dtype());
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(plan -> step.layOut(plan, made)))) {
      Flux2Transformer transformer = step.load(backend, checkpoint, store);
      Memory memory = step.layOut(workspace, made);
      backend.upload(all.slice(0, step.references()), memory.references());
      transformer.modulate(new float[1], null, memory.atRest());
      transformer.place(PositionIds.text(0), part(places, 0, step.references()), memory.alone());
      transformer.remember(
          memory.references(), memory.atRest().at(0), memory.alone(), memory.keys());

      golden.assertMatches(
          "out.sample",
          step.forward(
              transformer,
              backend,
              memory,
              all.slice(step.references(), made),
              part(places, step.references(), made)));
      each(
          memory.keys(),
          (name, kept) ->
              golden.assertMatches(
                  "out." + name,
                  reshaped(backend.download(kept), golden.tensor("out." + name).shape())));
    }
  }

  @ParameterizedTest
  @MethodSource("laterStepsOnEveryBackend")
  void looksAtWhatWasKept(GoldenCase golden, TestedBackend tested) {
    Step step = Step.of(golden);
    HostTensor latents = step.rows("hidden_states");
    int made = latents.shape().size(0);
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model());
        WeightStore store = backend.weights(step.dtype());
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(plan -> step.layOut(plan, made)))) {
      Memory memory = step.layOut(workspace, made);
      each(
          memory.keys(),
          (name, into) -> backend.upload(golden.tensor("in." + name).to(step.dtype()), into));

      golden.assertMatches(
          "out.sample",
          step.forward(
              step.load(backend, checkpoint, store),
              backend,
              memory,
              latents,
              TransformerRun.positions(golden.tensor("in.img_ids"))));
    }
  }

  private static void each(ReferenceKeys keys, BiConsumer<String, Tensor> action) {
    each("double", keys.doubleBlocks(), action);
    each("single", keys.singleBlocks(), action);
  }

  private static void each(
      String kind, List<ReferenceKeys.Layer> layers, BiConsumer<String, Tensor> action) {
    for (int i = 0; i < layers.size(); i++) {
      action.accept("cache.%s.%d.key".formatted(kind, i), layers.get(i).keys());
      action.accept("cache.%s.%d.value".formatted(kind, i), layers.get(i).values());
    }
  }

  private static HostTensor reshaped(HostTensor tensor, Shape shape) {
    return new HostTensor(tensor.dtype(), shape, tensor.data());
  }

  private static PositionIds part(PositionIds all, int from, int count) {
    int[] ids = new int[count * PositionIds.AXES];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = all.id(from + i / PositionIds.AXES, i % PositionIds.AXES);
    }
    return PositionIds.of(ids);
  }

  /** What the case asks for, of one sequence. */
  private record Step(GoldenCase golden, Flux2Params params, DType dtype, int references) {
    static Step of(GoldenCase golden) {
      boolean low = golden.parameters().path("compute_dtype").asText().equals("bfloat16");
      return new Step(
          golden,
          Flux2Params.of(ConfigJson.read(golden.model().resolve("config.json"))),
          low ? DType.BF16 : DType.F32,
          golden.parameters().path("num_ref_tokens").asInt());
    }

    HostTensor rows(String name) {
      HostTensor batch = golden.tensor("in." + name).to(dtype);
      return batch.reshape(batch.shape().dim(1), batch.shape().dim(2));
    }

    Flux2Transformer load(Backend backend, Checkpoint checkpoint, WeightStore store) {
      return new Flux2Transformer(
          backend, params, Flux2Weights.load(params, checkpoint, store), StageProbe.NONE);
    }

    /** The velocity, (1, S, C). */
    HostTensor forward(
        Flux2Transformer transformer,
        Backend backend,
        Memory memory,
        HostTensor latents,
        PositionIds places) {
      PositionIds words = TransformerRun.positions(golden.tensor("in.txt_ids"));
      transformer.place(words, places, memory.activations());
      transformer.modulate(golden.tensor("in.timestep").toFloats(), null, memory.time());
      backend.upload(latents, memory.latents());
      backend.upload(rows("encoder_hidden_states"), memory.embeds());
      transformer.forward(
          memory.latents(),
          memory.embeds(),
          memory.time().at(0),
          memory.activations(),
          memory.velocity());
      return RecordedStages.stack(
          List.of(backend.download(memory.velocity())), golden.tensor("out.sample").shape());
    }

    Memory layOut(Workspace workspace, int made) {
      Shape text = rows("encoder_hidden_states").shape();
      ReferenceKeys keys = new ReferenceKeys(workspace, params, dtype, references);
      return new Memory(
          workspace.tensor(dtype, Shape.of(made, params.inChannels())),
          workspace.tensor(dtype, Shape.of(references, params.inChannels())),
          workspace.tensor(dtype, text),
          workspace.tensor(dtype, Shape.of(made, params.outChannels())),
          new StepModulations(workspace, params, dtype, 1),
          new StepModulations(workspace, params, dtype, 1),
          keys,
          new Flux2Activations(workspace, params, dtype, 0, references),
          new Flux2Activations(workspace, params, dtype, text.size(0), made, keys));
    }
  }

  private record Memory(
      Tensor latents,
      Tensor references,
      Tensor embeds,
      Tensor velocity,
      StepModulations time,
      StepModulations atRest,
      ReferenceKeys keys,
      Flux2Activations alone,
      Flux2Activations activations) {}
}

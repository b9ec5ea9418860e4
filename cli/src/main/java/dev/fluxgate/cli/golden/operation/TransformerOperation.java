package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.AxialRope;
import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Activations;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;
import dev.fluxgate.denoiser.transformer.flux2.StepModulations;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of the transformer, the elements of its batch one after the other. */
final class TransformerOperation {
  private final CaseRun run;
  private final Flux2Params params;
  private final TensorSource source;
  private final DType dtype;

  private TransformerOperation(CaseRun run, Flux2Params params, TensorSource source) {
    this.run = run;
    this.params = params;
    this.source = source;
    this.dtype = run.golden().computeType();
  }

  /** From a component folder. */
  static void forward(CaseRun run) {
    Flux2Params params =
        Flux2Params.of(ConfigJson.read(run.golden().modelFolder().resolve("config.json")));
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      angles(run, params);
      new TransformerOperation(run, params, checkpoint).forward();
    }
  }

  /** From a single file, whose shapes alone say what it is. */
  static void forwardSingleFile(CaseRun run) {
    try (Checkpoint file = Checkpoint.open(run.golden().folder().resolve("flux2.safetensors"))) {
      TensorSource source = BflTransformer.adapt(file);
      new TransformerOperation(run, Flux2Weights.params(source), source).forward();
    }
  }

  private void forward() {
    Backend backend = run.backend();
    HostTensor latents = run.input("hidden_states").to(dtype);
    HostTensor embeds = run.input("encoder_hidden_states").to(dtype);
    StageRecord stages = new StageRecord(run);
    long bytes = WorkspacePlan.bytes(plan -> layOut(plan, latents.shape(), embeds.shape()));
    try (WeightStore store = backend.weights(dtype);
        Workspace workspace = backend.workspace(bytes)) {
      Flux2Weights weights = Flux2Weights.load(params, source, store);
      Flux2Transformer transformer = new Flux2Transformer(backend, params, weights, stages);
      Memory memory = layOut(workspace, latents.shape(), embeds.shape());
      transformer.place(
          positions(run.input("txt_ids")), positions(run.input("img_ids")), memory.activations());
      transformer.modulate(run.input("timestep").toFloats(), guidance(), memory.steps());
      List<HostTensor> velocities = new ArrayList<>();
      for (int element = 0; element < memory.steps().count(); element++) {
        backend.upload(latents.slice(element, 1), memory.latents());
        backend.upload(embeds.slice(element, 1), memory.embeds());
        transformer.forward(
            memory.latents(),
            memory.embeds(),
            memory.steps().at(element),
            memory.activations(),
            memory.velocity());
        velocities.add(backend.download(memory.velocity()));
      }
      Shape s = latents.shape();
      run.put(
          "sample", Numbers.stack(velocities, Shape.of(s.dim(0), s.dim(1), params.outChannels())));
      stages.compare();
    }
  }

  private float @Nullable [] guidance() {
    HostTensor guidance = run.optionalInput("guidance");
    return guidance == null ? null : guidance.toFloats();
  }

  static void angles(CaseRun run, Flux2Params params) {
    AxialRope rope = new AxialRope(params.ropeAxes(), params.ropeTheta());
    for (String kind : List.of("img", "txt")) {
      PositionIds ids = positions(run.input(kind + "_ids"));
      run.putIntermediate("rope." + kind + ".cos", Numbers.eachTwice(rope.cos(ids)));
      run.putIntermediate("rope." + kind + ".sin", Numbers.eachTwice(rope.sin(ids)));
    }
  }

  /** All elements of a batch lie at the same positions. */
  static PositionIds positions(HostTensor ids) {
    HostTensor first = ids.shape().rank() == 3 ? ids.slice(0, 1) : ids;
    int[] values = new int[Math.toIntExact(first.shape().count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.toIntExact(first.getLong(i));
    }
    return PositionIds.of(values);
  }

  private Memory layOut(Workspace workspace, Shape image, Shape text) {
    return new Memory(
        workspace.tensor(dtype, Shape.of(image.dim(1), image.dim(2))),
        workspace.tensor(dtype, Shape.of(text.dim(1), text.dim(2))),
        workspace.tensor(dtype, Shape.of(image.dim(1), params.outChannels())),
        new StepModulations(workspace, params, dtype, image.size(0)),
        new Flux2Activations(workspace, params, dtype, text.size(1), image.size(1)));
  }

  private record Memory(
      Tensor latents,
      Tensor embeds,
      Tensor velocity,
      StepModulations steps,
      Flux2Activations activations) {}
}

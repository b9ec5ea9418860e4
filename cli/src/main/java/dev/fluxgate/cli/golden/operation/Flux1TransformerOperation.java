package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Activations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Modulations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Params;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Transformer;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Weights;
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

/** One call of FLUX.1's transformer, the elements of its batch one after the other. */
final class Flux1TransformerOperation {
  private static final int AXES = 3;

  private final CaseRun run;
  private final Flux1Params params;
  private final DType dtype;

  private Flux1TransformerOperation(CaseRun run) {
    this.run = run;
    this.params =
        Flux1Params.of(ConfigJson.read(run.golden().modelFolder().resolve("config.json")));
    this.dtype = run.golden().computeType();
  }

  /** From a component folder. */
  static void forward(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      new Flux1TransformerOperation(run).forward(checkpoint);
    }
  }

  private void forward(TensorSource source) {
    Backend backend = run.backend();
    HostTensor latents = run.input("hidden_states").to(dtype);
    HostTensor embeds = run.input("encoder_hidden_states").to(dtype);
    StageRecord stages = new StageRecord(run);
    long bytes = WorkspacePlan.bytes(plan -> layOut(plan, latents.shape(), embeds.shape()));
    try (WeightStore store = backend.weights(dtype);
        Workspace workspace = backend.workspace(bytes)) {
      Flux1Weights weights = Flux1Weights.load(params, source, store);
      Flux1Transformer transformer = new Flux1Transformer(backend, params, weights, stages);
      Memory memory = layOut(workspace, latents.shape(), embeds.shape());
      place(transformer, memory.activations());
      transformer.modulate(
          run.input("timestep").toFloats(),
          guidance(),
          run.input("pooled_projections").to(dtype),
          memory.modulations());
      List<HostTensor> velocities = new ArrayList<>();
      for (int element = 0; element < memory.modulations().count(); element++) {
        backend.upload(latents.slice(element, 1), memory.latents());
        backend.upload(embeds.slice(element, 1), memory.embeds());
        transformer.forward(
            memory.latents(),
            memory.embeds(),
            memory.modulations().at(element),
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

  private void place(Flux1Transformer transformer, Flux1Activations activations) {
    PositionIds text = positions(run.input("txt_ids"));
    PositionIds image = positions(run.input("img_ids"));
    transformer.place(text, image, activations);
    PositionIds all = text.then(image);
    run.putIntermediate("rope.cos", Numbers.eachTwice(transformer.rope().cos(all)));
    run.putIntermediate("rope.sin", Numbers.eachTwice(transformer.rope().sin(all)));
  }

  private float @Nullable [] guidance() {
    HostTensor guidance = run.optionalInput("guidance");
    return guidance == null ? null : guidance.toFloats();
  }

  /** Three axes a token; ours have a fourth, the place in the text, which FLUX.1 does not see. */
  private static PositionIds positions(HostTensor ids) {
    int[] values = new int[PositionIds.AXES * ids.shape().size(0)];
    for (int i = 0; i < ids.shape().count(); i++) {
      values[PositionIds.AXES * (i / AXES) + i % AXES] = (int) ids.get(i);
    }
    return PositionIds.of(values);
  }

  private Memory layOut(Workspace workspace, Shape image, Shape text) {
    return new Memory(
        workspace.tensor(dtype, Shape.of(image.dim(1), image.dim(2))),
        workspace.tensor(dtype, Shape.of(text.dim(1), text.dim(2))),
        workspace.tensor(dtype, Shape.of(image.dim(1), params.outChannels())),
        new Flux1Modulations(workspace, params, dtype, image.size(0)),
        new Flux1Activations(workspace, params, dtype, text.size(1), image.size(1)));
  }

  private record Memory(
      Tensor latents,
      Tensor embeds,
      Tensor velocity,
      Flux1Modulations modulations,
      Flux1Activations activations) {}
}

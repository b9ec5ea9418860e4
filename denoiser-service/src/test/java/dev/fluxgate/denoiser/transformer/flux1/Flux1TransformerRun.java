package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.testing.RecordedStages;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the inputs of a golden case through the transformer, its batch one after the other. */
record Flux1TransformerRun(Backend backend, Flux1Params params, TensorSource source, DType dtype) {

  HostTensor sample(GoldenCase golden, StageProbe probe) {
    HostTensor latents = golden.tensor("in.hidden_states").to(dtype);
    HostTensor embeds = golden.tensor("in.encoder_hidden_states").to(dtype);
    try (WeightStore store = backend.weights(dtype);
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(w -> layOut(w, latents, embeds)))) {
      Flux1Weights weights = Flux1Weights.load(params, source, store);
      Flux1Transformer transformer = new Flux1Transformer(backend, params, weights, probe);
      Memory memory = layOut(workspace, latents, embeds);
      transformer.place(
          positions(golden.tensor("in.txt_ids")),
          positions(golden.tensor("in.img_ids")),
          memory.activations());
      transformer.modulate(
          golden.tensor("in.timestep").toFloats(),
          guidance(golden),
          golden.tensor("in.pooled_projections").to(dtype),
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
      return RecordedStages.stack(velocities, Shape.of(s.dim(0), s.dim(1), params.outChannels()));
    }
  }

  /** Three axes a token; ours have a fourth, the place in the text, which is 0. */
  static PositionIds positions(HostTensor ids) {
    int[] values = new int[PositionIds.AXES * ids.shape().size(0)];
    for (int i = 0; i < ids.shape().count(); i++) {
      values[PositionIds.AXES * (i / 3) + i % 3] = (int) ids.get(i);
    }
    return PositionIds.of(values);
  }

  private static float @Nullable [] guidance(GoldenCase golden) {
    return golden.names().contains("in.guidance") ? golden.tensor("in.guidance").toFloats() : null;
  }

  private Memory layOut(Workspace workspace, HostTensor latents, HostTensor embeds) {
    Shape image = latents.shape();
    Shape text = embeds.shape();
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

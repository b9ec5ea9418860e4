package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.Tensor;

/** Image stream → velocity: a modulated norm and one matrix (flux2 spec §1.8). */
final class FinalLayer {
  private final Backend backend;
  private final Flux2Params params;
  private final Flux2Weights weights;
  private final StageProbe probe;

  FinalLayer(Backend backend, Flux2Params params, Flux2Weights weights, StageProbe probe) {
    this.backend = backend;
    this.params = params;
    this.weights = weights;
    this.probe = probe;
  }

  /** velocity: (S, C). */
  void forward(StepModulation step, TokenRows image, Tensor velocity) {
    backend.modulatedLayerNorm(
        image.stream(), step.finalShift(), step.finalScale(), params.eps(), image.normed());
    probe.observe("norm_out", image.normed());
    backend.linear(image.normed(), weights.projection(), Epilogue.NONE, velocity);
  }
}

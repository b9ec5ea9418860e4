package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.transformer.Sinusoid;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Time and guidance → one vector a step: embedding = MLP(sinusoid(1000 · time)) + MLP(sinusoid(1000
 * · guidance)), each with its own weights (flux2 spec §1.3).
 */
final class TimestepGuidanceEmbedding {
  private final Backend backend;
  private final Flux2Weights weights;

  TimestepGuidanceEmbedding(Backend backend, Flux2Weights weights) {
    this.backend = backend;
    this.weights = weights;
  }

  /**
   * Fills {@code out.embedding}, (N, D).
   *
   * @param timesteps N noise levels in [0, 1]
   * @param guidance N guidance scales; without them, or in a model without a guidance embedder, the
   *     second term is left out
   */
  void forward(float[] timesteps, float @Nullable [] guidance, StepModulations out) {
    backend.upload(Sinusoid.rows(timesteps, out.timeSinusoid), out.timeSinusoid);
    embed(weights.time(), out.timeSinusoid, Epilogue.NONE, out);
    if (guidance != null && weights.guidance() != null) {
      backend.upload(Sinusoid.rows(guidance, out.guidanceSinusoid), out.guidanceSinusoid);
      embed(weights.guidance(), out.guidanceSinusoid, new Epilogue.Add(out.embedding), out);
    }
  }

  private void embed(
      Flux2Weights.Embedder embedder, Tensor sinusoid, Epilogue sum, StepModulations out) {
    // Not as an epilogue: here, on one row a step, the reference's every rounding costs nothing.
    backend.linear(sinusoid, embedder.in(), Epilogue.NONE, out.hidden);
    backend.silu(out.hidden, out.hidden);
    backend.linear(out.hidden, embedder.out(), sum, out.embedding);
  }
}

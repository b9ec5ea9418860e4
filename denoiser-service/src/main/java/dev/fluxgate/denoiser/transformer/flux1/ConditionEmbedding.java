package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.transformer.Sinusoid;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Time, guidance and pooled embed → one vector a row: embedding = MLP(sinusoid(1000 · time)) +
 * MLP(sinusoid(1000 · guidance)) + MLP(pooled), each with its own weights (models spec §1.11).
 */
final class ConditionEmbedding {
  private final Backend backend;
  private final Flux1Weights weights;

  ConditionEmbedding(Backend backend, Flux1Weights weights) {
    this.backend = backend;
    this.weights = weights;
  }

  /**
   * Fills {@code out.embedding}, (N, D).
   *
   * @param timesteps N noise levels in [0, 1]
   * @param guidance N guidance scales; without them, or in a model without a guidance embedder, the
   *     second term is left out
   * @param pooled (N, width of the pooled embed), of the type of the model
   */
  void forward(
      float[] timesteps, float @Nullable [] guidance, HostTensor pooled, Flux1Modulations out) {
    backend.upload(Sinusoid.rows(timesteps, out.timeSinusoid), out.timeSinusoid);
    embed(weights.time(), out.timeSinusoid, Epilogue.NONE, out);
    if (guidance != null && weights.guidance() != null) {
      backend.upload(Sinusoid.rows(guidance, out.guidanceSinusoid), out.guidanceSinusoid);
      embed(weights.guidance(), out.guidanceSinusoid, new Epilogue.Add(out.embedding), out);
    }
    backend.upload(pooled, out.pooled);
    embed(weights.pooled(), out.pooled, new Epilogue.Add(out.embedding), out);
  }

  private void embed(
      Flux1Weights.Embedder embedder, Tensor input, Epilogue sum, Flux1Modulations out) {
    // Not as an epilogue: here, on one row a step, the reference's every rounding costs nothing.
    backend.linear(input, embedder.in(), Epilogue.NONE, out.hidden);
    backend.silu(out.hidden, out.hidden);
    backend.linear(out.hidden, embedder.out(), sum, out.embedding);
  }
}

package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * Latents ⇄ latents of mean 0 and variance 1, by the statistics of the batch norm (flux2 spec
 * §4.5). Works on latents cut into patches, (B, 4·Z, g, k), one mean and deviation a channel. Every
 * operation rounds to the type of the model, as the reference does.
 */
public final class LatentNormalizer {
  private final DType dtype;
  private final float[] mean;
  private final float[] deviation;

  private LatentNormalizer(DType dtype, float[] mean, float[] deviation) {
    this.dtype = dtype;
    this.mean = mean;
    this.deviation = deviation;
  }

  /** Reads the statistics, for latents of {@code dtype}. */
  public static LatentNormalizer load(VaeParams params, TensorSource source, DType dtype) {
    float[] mean = VaeWeights.latentMean(params, source).to(dtype).toFloats();
    float[] deviation = VaeWeights.latentVariance(params, source).to(dtype).toFloats();
    for (int i = 0; i < deviation.length; i++) {
      float variance = dtype.round(deviation[i] + params.batchNormEps());
      deviation[i] = dtype.round((float) Math.sqrt(variance));
    }
    return new LatentNormalizer(dtype, mean, deviation);
  }

  /** (z − mean) / deviation. */
  public HostTensor normalize(HostTensor latents) {
    HostTensor out = HostTensor.zeros(dtype, latents.shape());
    for (long i = 0; i < latents.shape().count(); i++) {
      int channel = channel(latents, i);
      out.set(i, dtype.round(latents.get(i) - mean[channel]) / deviation[channel]);
    }
    return out;
  }

  /** z · deviation + mean. */
  public HostTensor denormalize(HostTensor latents) {
    HostTensor out = HostTensor.zeros(dtype, latents.shape());
    for (long i = 0; i < latents.shape().count(); i++) {
      int channel = channel(latents, i);
      out.set(i, dtype.round(latents.get(i) * deviation[channel]) + mean[channel]);
    }
    return out;
  }

  /** Standard deviations, one a channel. */
  float[] deviations() {
    return deviation.clone();
  }

  private int channel(HostTensor latents, long index) {
    long each = latents.shape().dim(2) * latents.shape().dim(3);
    return (int) (index / each % mean.length);
  }
}

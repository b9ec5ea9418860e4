package dev.fluxgate.denoiser.vae;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * What a picture may have come from: independent normal distributions (flux2 spec §4.3).
 *
 * @param mean (N, Z, h, w): what the FLUX.2 pipelines use
 * @param logVariance (N, Z, h, w), within [−30, 20]
 */
public record Posterior(HostTensor mean, HostTensor logVariance) {
  private static final float LEAST_LOG_VARIANCE = -30;
  private static final float LARGEST_LOG_VARIANCE = 20;

  /** (N, h, w, 2·Z) → its halves along the channels, each (N, Z, h, w). */
  public static Posterior of(HostTensor moments) {
    HostTensor first = LatentPacker.channelsFirst(moments);
    Shape s = first.shape();
    long channels = s.dim(1) / 2;
    Shape half = Shape.of(s.dim(0), channels, s.dim(2), s.dim(3));
    HostTensor mean = HostTensor.zeros(first.dtype(), half);
    HostTensor logVariance = HostTensor.zeros(first.dtype(), half);
    long each = channels * s.dim(2) * s.dim(3);
    for (long n = 0; n < s.dim(0); n++) {
      for (long i = 0; i < each; i++) {
        mean.set(n * each + i, first.get(2 * n * each + i));
        float value = first.get((2 * n + 1) * each + i);
        logVariance.set(n * each + i, Math.clamp(value, LEAST_LOG_VARIANCE, LARGEST_LOG_VARIANCE));
      }
    }
    return new Posterior(mean, logVariance);
  }

  /** exp(½ · logVariance), each operation rounded. */
  public HostTensor deviation() {
    DType dtype = logVariance.dtype();
    HostTensor deviation = HostTensor.zeros(dtype, logVariance.shape());
    for (long i = 0; i < deviation.shape().count(); i++) {
      deviation.set(i, (float) Math.exp(dtype.round(0.5f * logVariance.get(i))));
    }
    return deviation;
  }

  /**
   * One latent drawn from it: mean + deviation · noise, each operation rounded.
   *
   * @param noise standard normal numbers in the shape and type of the mean; the FLUX.1 pipelines
   *     draw them before the initial noise, from the same generator
   */
  public HostTensor sample(HostTensor noise) {
    if (!noise.shape().equals(mean.shape()) || noise.dtype() != mean.dtype()) {
      throw new IllegalArgumentException(
          "noise: %s %s (expected: %s %s)"
              .formatted(noise.dtype(), noise.shape(), mean.dtype(), mean.shape()));
    }
    DType dtype = mean.dtype();
    HostTensor deviation = deviation();
    HostTensor sample = HostTensor.zeros(dtype, mean.shape());
    for (long i = 0; i < sample.shape().count(); i++) {
      sample.set(i, mean.get(i) + dtype.round(deviation.get(i) * noise.get(i)));
    }
    return sample;
  }
}

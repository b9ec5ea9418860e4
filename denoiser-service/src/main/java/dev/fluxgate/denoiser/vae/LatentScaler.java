package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * Latents of the FLUX.1 VAE ⇄ latents of mean 0 and variance 1, by two numbers (flux2 spec §4.9);
 * what {@link LatentNormalizer} is for FLUX.2. Every operation rounds to the type of the latents.
 *
 * @param scale factor towards variance 1
 * @param shift mean of the latents
 */
public record LatentScaler(float scale, float shift) {
  private static final double SCALE = 0.3611;
  private static final double SHIFT = 0.1159;

  /** Checks that the way back exists. */
  public LatentScaler {
    if (!(Math.abs(scale) > 0) || Float.isInfinite(scale) || !Float.isFinite(shift)) {
      throw new IllegalArgumentException(
          "scaling_factor: %s, shift_factor: %s (expected: finite numbers, the first not 0)"
              .formatted(scale, shift));
    }
  }

  /**
   * Reads {@code vae/config.json}; what it leaves out is as in FLUX.1.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if a value cannot be
   */
  public static LatentScaler of(ConfigJson config) {
    double scale = config.number("scaling_factor", SCALE);
    if (scale == 0) {
      throw config.invalid("scaling_factor", "a number other than 0");
    }
    return new LatentScaler((float) scale, (float) config.number("shift_factor", SHIFT));
  }

  /** (z − shift) · scale. */
  public HostTensor scale(HostTensor latents) {
    DType dtype = latents.dtype();
    HostTensor out = HostTensor.zeros(dtype, latents.shape());
    for (long i = 0; i < out.shape().count(); i++) {
      out.set(i, dtype.round(latents.get(i) - shift) * scale);
    }
    return out;
  }

  /** z / scale + shift. */
  public HostTensor unscale(HostTensor latents) {
    DType dtype = latents.dtype();
    HostTensor out = HostTensor.zeros(dtype, latents.shape());
    for (long i = 0; i < out.shape().count(); i++) {
      out.set(i, dtype.round(latents.get(i) / scale) + shift);
    }
    return out;
  }
}

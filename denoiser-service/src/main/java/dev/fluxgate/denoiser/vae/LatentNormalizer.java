package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * Latents ⇄ latents of mean 0 and variance 1: in FLUX.2 by the statistics of the batch norm, one
 * mean and deviation a channel (models spec §4.5), in FLUX.1 by one shift and scale for all (models
 * spec §4.9). Works on latents cut into patches, (B, 4·Z, g, k). Every operation rounds to the type
 * of the model, as the reference does.
 */
public abstract sealed class LatentNormalizer {
  private final DType dtype;

  private LatentNormalizer(DType dtype) {
    this.dtype = dtype;
  }

  /** Reads the statistics of a FLUX.2 VAE, for latents of {@code dtype}. */
  public static LatentNormalizer load(VaeParams params, TensorSource source, DType dtype) {
    float[] mean = VaeWeights.latentMean(params, source).to(dtype).toFloats();
    float[] deviation = VaeWeights.latentVariance(params, source).to(dtype).toFloats();
    for (int i = 0; i < deviation.length; i++) {
      float variance = dtype.round(deviation[i] + params.batchNormEps());
      deviation[i] = dtype.round((float) Math.sqrt(variance));
    }
    return new Statistics(dtype, mean, deviation);
  }

  /**
   * Reads the shift and the scale of a FLUX.1 VAE, {@code vae/config.json}, for latents of {@code
   * dtype}; what it leaves out is as released.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException for a scale that is not above 0
   */
  public static LatentNormalizer scaled(ConfigJson config, DType dtype) {
    double scale = config.number("scaling_factor", Scale.RELEASED_SCALE);
    if (scale <= 0) {
      throw config.invalid("scaling_factor", "above 0");
    }
    double shift = config.number("shift_factor", Scale.RELEASED_SHIFT);
    return new Scale(dtype, (float) shift, (float) scale);
  }

  /** Mean 0, variance 1. */
  public final HostTensor normalize(HostTensor latents) {
    HostTensor out = HostTensor.zeros(dtype, latents.shape());
    for (long i = 0; i < latents.shape().count(); i++) {
      out.set(i, normalize(latents.get(i), channel(latents, i)));
    }
    return out;
  }

  /** Undoes {@link #normalize}. */
  public final HostTensor denormalize(HostTensor latents) {
    HostTensor out = HostTensor.zeros(dtype, latents.shape());
    for (long i = 0; i < latents.shape().count(); i++) {
      out.set(i, denormalize(latents.get(i), channel(latents, i)));
    }
    return out;
  }

  abstract float normalize(float latent, int channel);

  abstract float denormalize(float latent, int channel);

  /** Standard deviations, one a channel or one for all. */
  abstract float[] deviations();

  final float round(float value) {
    return dtype.round(value);
  }

  private static int channel(HostTensor latents, long index) {
    long each = latents.shape().dim(2) * latents.shape().dim(3);
    return (int) (index / each % latents.shape().dim(1));
  }

  /** (z − mean) / deviation. */
  private static final class Statistics extends LatentNormalizer {
    private final float[] mean;
    private final float[] deviation;

    Statistics(DType dtype, float[] mean, float[] deviation) {
      super(dtype);
      this.mean = mean;
      this.deviation = deviation;
    }

    @Override
    float normalize(float latent, int channel) {
      return round(latent - mean[channel]) / deviation[channel];
    }

    @Override
    float denormalize(float latent, int channel) {
      return round(latent * deviation[channel]) + mean[channel];
    }

    @Override
    float[] deviations() {
      return deviation.clone();
    }
  }

  /** (z − shift) · scale. */
  private static final class Scale extends LatentNormalizer {
    static final double RELEASED_SCALE = 0.3611;
    static final double RELEASED_SHIFT = 0.1159;

    private final float shift;
    private final float scale;

    Scale(DType dtype, float shift, float scale) {
      super(dtype);
      this.shift = shift;
      this.scale = scale;
    }

    @Override
    float normalize(float latent, int channel) {
      return round(latent - shift) * scale;
    }

    @Override
    float denormalize(float latent, int channel) {
      return round(latent / scale) + shift;
    }

    @Override
    float[] deviations() {
      return new float[] {1 / scale};
    }
  }
}

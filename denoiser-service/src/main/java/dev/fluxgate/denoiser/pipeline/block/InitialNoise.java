package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/** Request → what the first step starts from (models spec §6.0, appendix B). */
public final class InitialNoise {
  private InitialNoise() {}

  /**
   * Noise in the type of the model: one draw for all pictures, or with several seeds a draw for
   * each; or what the request gives.
   *
   * @param shape of all pictures, the first dimension their number
   */
  public static HostTensor of(NoiseSource source, Shape shape, DType dtype) {
    HostTensor given = source.latents();
    return given == null
        ? NoiseDraws.of(source, shape.size(0)).randn(shape, dtype)
        : given(given, shape, dtype);
  }

  /**
   * A picture as the first step finds it: mixed with the noise of each picture that is made.
   *
   * @param clean (1, C, g, k)
   * @param noise (N, C, g, k)
   * @return (N, C, g, k)
   */
  public static HostTensor mixed(SigmaSchedule schedule, HostTensor clean, HostTensor noise) {
    HostTensor each = HostTensor.zeros(noise.dtype(), noise.shape());
    for (long n = 0; n < noise.shape().dim(0); n++) {
      HostTensor mixed = schedule.scaleNoise(0, clean, noise.slice(n, 1));
      each.slice(n, 1).data().copyFrom(mixed.data());
    }
    return each;
  }

  /**
   * Latents that the request gives, in the type of the model.
   *
   * @throws IllegalArgumentException if they have another shape, or a value is no number
   */
  public static HostTensor given(HostTensor latents, Shape shape, DType dtype) {
    if (!latents.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "latents: " + latents.shape() + " (expected: " + shape + ")");
    }
    long count = shape.count();
    for (long i = 0; i < count; i++) {
      if (!Float.isFinite(latents.get(i))) {
        throw new IllegalArgumentException(
            "latents: element " + i + " is " + latents.get(i) + " (expected: a number)");
      }
    }
    return latents.to(dtype);
  }
}

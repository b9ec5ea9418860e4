package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.NoiseSource.RandomDevice;
import dev.fluxgate.engine.random.PhiloxGenerator;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;

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
    return given == null ? draw(source, shape, dtype) : given(given, shape, dtype);
  }

  private static HostTensor given(HostTensor latents, Shape shape, DType dtype) {
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

  private static HostTensor draw(NoiseSource source, Shape shape, DType dtype) {
    List<Long> seeds = source.seeds();
    if (seeds.size() == 1) {
      return randn(source.generator(), seeds.getFirst(), shape, dtype);
    }
    if (seeds.size() != shape.dim(0)) {
      throw new IllegalArgumentException(
          "seeds: %d (expected: one, or one for each of %d pictures)"
              .formatted(seeds.size(), shape.dim(0)));
    }
    HostTensor all = HostTensor.zeros(dtype, shape);
    long[] one = new long[shape.rank()];
    one[0] = 1;
    for (int axis = 1; axis < one.length; axis++) {
      one[axis] = shape.dim(axis);
    }
    for (int n = 0; n < seeds.size(); n++) {
      HostTensor drawn = randn(source.generator(), seeds.get(n), Shape.of(one), dtype);
      all.slice(n, 1).data().copyFrom(drawn.data());
    }
    return all;
  }

  private static HostTensor randn(RandomDevice device, long seed, Shape shape, DType dtype) {
    return switch (device) {
      case CPU -> new TorchGenerator(seed).randn(shape, dtype);
      case CUDA -> new PhiloxGenerator(seed).randn(shape, dtype);
    };
  }
}

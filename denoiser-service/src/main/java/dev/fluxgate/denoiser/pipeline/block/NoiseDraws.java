package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.NoiseSource.RandomDevice;
import dev.fluxgate.engine.random.NoiseGenerator;
import dev.fluxgate.engine.random.PhiloxGenerator;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;

/**
 * The generators of a job. Every draw goes on where the one before ended, so their order counts.
 */
public final class NoiseDraws {
  private final List<NoiseGenerator> generators;

  private NoiseDraws(List<NoiseGenerator> generators) {
    this.generators = generators;
  }

  /**
   * One generator for all pictures, or one for each.
   *
   * @throws IllegalArgumentException if there are several seeds, but not one a picture
   */
  public static NoiseDraws of(NoiseSource source, int images) {
    List<Long> seeds = source.seeds();
    if (seeds.size() != 1 && seeds.size() != images) {
      throw new IllegalArgumentException(
          "seeds: %d (expected: one, or one for each of %d pictures)"
              .formatted(seeds.size(), images));
    }
    return new NoiseDraws(seeds.stream().map(seed -> generator(source.generator(), seed)).toList());
  }

  private static NoiseGenerator generator(RandomDevice device, long seed) {
    return switch (device) {
      case CPU -> new TorchGenerator(seed);
      case CUDA -> new PhiloxGenerator(seed);
    };
  }

  /** The generator of the first picture, or of all: it draws what the pictures share. */
  public NoiseGenerator first() {
    return generators.getFirst();
  }

  /**
   * The next normals: one draw for all pictures, or a draw for each.
   *
   * @param shape of all pictures, the first dimension their number
   */
  public HostTensor randn(Shape shape, DType dtype) {
    if (generators.size() == 1) {
      return first().randn(shape, dtype);
    }
    long[] one = shape.dims().stream().mapToLong(Long::longValue).toArray();
    one[0] = 1;
    HostTensor all = HostTensor.zeros(dtype, shape);
    for (int n = 0; n < generators.size(); n++) {
      HostTensor drawn = generators.get(n).randn(Shape.of(one), dtype);
      all.slice(n, 1).data().copyFrom(drawn.data());
    }
    return all;
  }
}

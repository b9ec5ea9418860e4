package dev.fluxgate.denoiser.request;

import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first step starts from.
 *
 * @param seeds as two's complement: one for a single draw of the noise of all pictures, or one a
 *     picture, each for a draw of its own
 * @param generator whose numbers
 * @param latents in place of noise, if given, of the shape that the pipeline's class takes as
 *     {@code latents}: (N, C, rows, columns) of tokens for FLUX.2, (N, S, C) for FLUX.1
 */
public record NoiseSource(List<Long> seeds, RandomDevice generator, @Nullable HostTensor latents) {

  /** Where torch would draw; the same seed gives other numbers on another device. */
  public enum RandomDevice {
    /** torch's generator for the CPU. */
    CPU,
    /** torch's generator for CUDA devices. */
    CUDA
  }

  /** Checks that there is a seed. */
  public NoiseSource {
    seeds = List.copyOf(seeds);
    if (seeds.isEmpty()) {
      throw new IllegalArgumentException("seeds: none (expected: one, or one a picture)");
    }
  }

  /** One draw on the CPU for all pictures. */
  public static NoiseSource of(long seed) {
    return new NoiseSource(List.of(seed), RandomDevice.CPU, null);
  }

  /** The same from given latents. */
  public NoiseSource withLatents(HostTensor latents) {
    return new NoiseSource(seeds, generator, latents);
  }
}

package dev.fluxgate.gateway.wish;

import java.util.List;

/**
 * How the noise is drawn, and the levels it goes through.
 *
 * @param seeds one a picture; empty: all is drawn from the request's seed
 * @param device whose random numbers
 * @param sigmas noise levels of the steps; empty: the model's own
 */
public record Noise(List<Long> seeds, Device device, List<Float> sigmas) {
  /** From one seed, as torch draws on a CPU. */
  public static final Noise STANDARD = new Noise(List.of(), Device.CPU, List.of());

  /** Whose random numbers. */
  public enum Device {
    /** Those that torch draws on a CPU. */
    CPU,
    /** Those that torch draws on a CUDA device. */
    CUDA
  }

  /** Copies the lists. */
  public Noise {
    seeds = List.copyOf(seeds);
    sigmas = List.copyOf(sigmas);
  }
}

package dev.fluxgate.denoiser.transformer;

import dev.fluxgate.engine.tensor.Tensor;

/**
 * How the time changes one branch of a block: its normed input is scaled and shifted, its output
 * gated (models spec §1.4).
 *
 * @param shift (1, D)
 * @param scale (1, D), added to 1
 * @param gate (1, D)
 */
public record Modulation(Tensor shift, Tensor scale, Tensor gate) {
  /** Chunks of one modulation in a row. */
  public static final int CHUNKS = 3;

  /** Modulation number {@code set} of a (1, sets · 3 · D) row. */
  public static Modulation of(Tensor row, int set, int width) {
    int first = set * CHUNKS * width;
    return new Modulation(
        row.columns(first, width),
        row.columns(first + width, width),
        row.columns(first + 2 * width, width));
  }
}

package dev.fluxgate.cli.golden;

/**
 * How far a tensor may be from its golden.
 *
 * @param maxAbs bound of the largest absolute difference
 * @param meanAbs bound of the mean absolute difference
 */
public record Tolerance(double maxAbs, double meanAbs) {
  /** Every element must be equal. */
  public static final Tolerance EXACT = new Tolerance(0, 0);

  /** Bounds {@code factor} times as wide. */
  public Tolerance times(double factor) {
    return new Tolerance(factor * maxAbs, factor * meanAbs);
  }
}

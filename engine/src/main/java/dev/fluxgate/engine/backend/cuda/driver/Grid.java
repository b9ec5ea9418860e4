package dev.fluxgate.engine.backend.cuda.driver;

/**
 * Blocks of a launch along three axes.
 *
 * @param x at most 2³¹ − 1
 * @param y at most 65535
 * @param z at most 65535
 */
public record Grid(int x, int y, int z) {
  /** The most blocks along y and along z. */
  public static final int MOST = 65535;

  /** Checks the limits of the driver. */
  public Grid {
    if (x < 1 || y < 1 || y > MOST || z < 1 || z > MOST) {
      throw new IllegalArgumentException(
          "grid: (%d, %d, %d) (expected: 1.., 1..%d, 1..%d)".formatted(x, y, z, MOST, MOST));
    }
  }

  /** Blocks along x alone. */
  public static Grid of(long x) {
    return new Grid(Math.toIntExact(x), 1, 1);
  }

  /**
   * Blocks along x and, of any number, along y: what is beyond its limit spills into z, and the
   * kernel counts {@code y + 65535 · z}.
   */
  public static Grid spilling(long x, long y) {
    return new Grid(
        Math.toIntExact(x), (int) Math.min(y, MOST), Math.toIntExact(Math.ceilDiv(y, (long) MOST)));
  }

  @Override
  public String toString() {
    return "(" + x + ", " + y + ", " + z + ")";
  }
}

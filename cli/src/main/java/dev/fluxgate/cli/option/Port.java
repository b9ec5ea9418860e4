package dev.fluxgate.cli.option;

/**
 * A TCP port.
 *
 * @param number 0 takes any free one
 */
public record Port(int number) {
  /** What is accepted, in words. */
  public static final String EXPECTED = "a port, 0..65535; 0 takes a free one";

  private static final int MAX = 65_535;

  /** Checks the range. */
  public Port {
    if (number < 0 || number > MAX) {
      throw new IllegalArgumentException("port: " + number + " (expected: " + EXPECTED + ")");
    }
  }

  /**
   * The port that {@code text} writes in digits.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Port parse(String text) {
    return new Port(Integer.parseInt(text));
  }

  @Override
  public String toString() {
    return Integer.toString(number);
  }
}

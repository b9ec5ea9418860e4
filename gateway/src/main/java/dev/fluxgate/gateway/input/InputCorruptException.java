package dev.fluxgate.gateway.input;

/** An input is not what was announced. */
public final class InputCorruptException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InputCorruptException(String value, String expected) {
    super("input: " + value + " (expected: " + expected + ")");
  }
}

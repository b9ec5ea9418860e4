package dev.fluxgate.cli.failure;

/** What was asked for cannot be drawn by this model; asking again is of no use. */
public final class RequestRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a line that names the value and what was expected. */
  public RequestRefusedException(String message) {
    super(message);
  }

  /** The same in the words of {@code message}. */
  public RequestRefusedException(String message, Exception cause) {
    super(message, cause);
  }
}

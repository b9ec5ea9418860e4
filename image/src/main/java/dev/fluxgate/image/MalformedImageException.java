package dev.fluxgate.image;

/** A file is no picture that can be read; the message says what is wrong with which file. */
public final class MalformedImageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** {@code message}: file, offending value and expectation. */
  public MalformedImageException(String message) {
    super(message);
  }

  /** {@code message} as above, found out by {@code cause}. */
  public MalformedImageException(String message, Throwable cause) {
    super(message, cause);
  }
}

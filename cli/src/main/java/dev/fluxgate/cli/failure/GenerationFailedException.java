package dev.fluxgate.cli.failure;

/** A job that was accepted and did not end with pictures, or whose pictures could not be had. */
public final class GenerationFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a line for people. */
  public GenerationFailedException(String message) {
    super(message);
  }
}

package dev.fluxgate.cli.failure;

/** The user wants no picture any more, and has been told so. */
public final class CancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** After a signal to end. */
  public CancelledException() {
    super("cancelled");
  }
}

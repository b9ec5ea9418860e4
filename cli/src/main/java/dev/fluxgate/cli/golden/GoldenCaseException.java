package dev.fluxgate.cli.golden;

/** A case that is not what it should be, so that nothing can be said of our results. */
public final class GoldenCaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a line that names the file or tensor and what was expected. */
  public GoldenCaseException(String message) {
    super(message);
  }
}

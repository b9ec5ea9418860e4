package dev.fluxgate.cli.failure;

/** A service that could not be started, or did not answer. */
public final class ServiceFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a line for people. */
  public ServiceFailedException(String message) {
    super(message);
  }
}

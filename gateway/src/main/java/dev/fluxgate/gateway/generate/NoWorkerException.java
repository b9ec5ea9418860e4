package dev.fluxgate.gateway.generate;

/** No worker has attached yet, so nobody knows what can be drawn. */
public final class NoWorkerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what is waited for. */
  public NoWorkerException() {
    super("workers: none has attached (expected: at least one denoiser worker)");
  }
}

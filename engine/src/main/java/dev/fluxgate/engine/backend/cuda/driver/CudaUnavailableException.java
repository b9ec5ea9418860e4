package dev.fluxgate.engine.backend.cuda.driver;

/** CUDA cannot be used on this machine; the message says why. */
public final class CudaUnavailableException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;

  /** CUDA cannot be used because of {@code reason}. */
  public CudaUnavailableException(String reason) {
    super(reason);
  }
}

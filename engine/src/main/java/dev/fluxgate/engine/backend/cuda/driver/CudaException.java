package dev.fluxgate.engine.backend.cuda.driver;

/** A call of the driver failed: which, with which arguments, and how. The device works on. */
public class CudaException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** A failure told by {@code message}. */
  public CudaException(String message) {
    super(message);
  }

  /** A failure told by {@code message} that {@code cause} led to. */
  public CudaException(String message, Throwable cause) {
    super(message, cause);
  }
}

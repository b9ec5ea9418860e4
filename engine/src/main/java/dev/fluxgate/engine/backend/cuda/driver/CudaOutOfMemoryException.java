package dev.fluxgate.engine.backend.cuda.driver;

import dev.fluxgate.engine.backend.failure.DeviceMemoryException;

/** Memory was wanted that is not there; the device works on. */
public final class CudaOutOfMemoryException extends DeviceMemoryException {
  private static final long serialVersionUID = 1L;

  /** Memory is out, as {@code message} tells. */
  public CudaOutOfMemoryException(String message) {
    super(message, null);
  }

  /** Memory is out, as {@code message} tells better than {@code cause}. */
  public CudaOutOfMemoryException(String message, CudaOutOfMemoryException cause) {
    super(message, cause);
  }
}

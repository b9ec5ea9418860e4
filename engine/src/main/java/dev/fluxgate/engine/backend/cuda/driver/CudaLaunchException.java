package dev.fluxgate.engine.backend.cuda.driver;

/** A kernel could not be started; nothing ran, and the device works on. */
public final class CudaLaunchException extends CudaException {
  private static final long serialVersionUID = 1L;

  CudaLaunchException(String message) {
    super(message);
  }
}

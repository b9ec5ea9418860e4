package dev.fluxgate.engine.backend.cuda.driver;

import dev.fluxgate.engine.backend.failure.BackendLostException;

/**
 * A kernel went wrong on the device, or the device is gone. Everything in its memory is lost, and
 * every further call fails; a back end that is opened anew may work.
 */
public final class CudaDeviceLostException extends BackendLostException {
  private static final long serialVersionUID = 1L;

  /** The device was lost, as {@code message} tells. */
  public CudaDeviceLostException(String message) {
    super(message, null);
  }

  private CudaDeviceLostException(CudaDeviceLostException first) {
    super("the device was lost before: " + first.getMessage(), first);
  }

  /** The exception of a later call, which fails because of this one. */
  public CudaDeviceLostException again() {
    return new CudaDeviceLostException(this);
  }
}

package dev.fluxgate.engine.backend.failure;

import org.jspecify.annotations.Nullable;

/**
 * A device has less memory left than was asked for: what was asked for is too large, here and now.
 * The back end works on, and what fits still runs.
 */
public class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@code message} tells how much was wanted and, where known, how much is free. */
  public DeviceMemoryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.fluxgate.engine.backend.failure;

import org.jspecify.annotations.Nullable;

/**
 * The device is gone, with all that lay on it: every op of this back end fails from now on. A
 * driver promises a working device only to a new process, so a service ends then, once it has given
 * its work back, and whoever supervises it starts it anew.
 */
public class BackendLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@code message} tells what was lost and by which call it showed. */
  public BackendLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.fluxgate.serving;

import java.time.Duration;

/** Work is refused before it was accepted, because too much of it waits already. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  /**
   * A refusal.
   *
   * @param message how full the queue is, and its bound
   * @param retryAfter when to try again
   */
  public QueueFullException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** When to try again. */
  public Duration retryAfter() {
    return retryAfter;
  }
}

package dev.fluxgate.encoder.batch;

import java.util.concurrent.CompletableFuture;

/**
 * A caller's claim on a task.
 *
 * @param <T> what comes of it
 */
public final class StepTicket<T> {
  private final CompletableFuture<T> result;
  private final Runnable leave;

  StepTicket(CompletableFuture<T> result, Runnable leave) {
    this.result = result;
    this.leave = leave;
  }

  /**
   * Waits for the end.
   *
   * @throws java.util.concurrent.CancellationException after {@link #cancel}
   * @throws java.util.concurrent.CompletionException with the reason inside, if a step failed or
   *     the batcher was closed
   */
  public T await() {
    return result.join();
  }

  /** Gives the claim up: no further step is taken. Calls after the end do nothing. */
  public void cancel() {
    if (result.cancel(false)) {
      leave.run();
    }
  }
}

package dev.fluxgate.encoder.batch;

import java.util.concurrent.CompletableFuture;

/** A task that was asked for. */
final class StepFlight<T> {
  private final SteppedTask<T> task;
  private final CompletableFuture<T> result = new CompletableFuture<>();

  StepFlight(SteppedTask<T> task) {
    this.task = task;
  }

  CompletableFuture<T> result() {
    return result;
  }

  /**
   * Takes a step; on the device thread.
   *
   * @return whether there is another
   */
  // The boundary of the device thread: whatever one task fails with, the next is served.
  @SuppressWarnings("checkstyle:illegalcatch")
  boolean advance() {
    boolean more = false;
    try {
      more = !result.isDone() && task.step();
      if (!more && !result.isDone()) {
        result.complete(task.result());
      }
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    } finally {
      if (!more) {
        close();
      }
    }
    return more;
  }

  /** What was begun is given back, whoever fails at it. */
  @SuppressWarnings("checkstyle:illegalcatch")
  private void close() {
    try {
      task.close();
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }
}

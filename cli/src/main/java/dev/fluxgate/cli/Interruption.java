package dev.fluxgate.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What Ctrl-C does while a job runs: the job is cancelled, and the process ends once the main
 * thread has seen it end, or after three seconds.
 */
final class Interruption implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 3;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  private Interruption(Runnable cancel) {
    hook = Thread.ofPlatform().name("cancel").unstarted(() -> end(cancel));
  }

  /** Calls {@code cancel} if the process is told to end before this is closed. */
  static Interruption watch(Runnable cancel) {
    Interruption interruption = new Interruption(cancel);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending, and the hook is what waits for us.
    }
  }

  private void end(Runnable cancel) {
    cancel.run();
    try {
      boolean _ = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}

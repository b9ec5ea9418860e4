package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.GenerationFailedException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C does while a command runs: the user is told, the job is cancelled, and the process
 * ends once the main thread has seen it end, or after a second. The exit code is the JVM's: 128 and
 * the number of the signal.
 */
public final class Interruption implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 1000;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<@Nullable Runnable> job = new AtomicReference<>();
  private final Thread hook;

  private Interruption(Runnable tell) {
    hook = Thread.ofPlatform().name("cancel").unstarted(() -> end(tell));
  }

  /** Calls {@code tell} if the process is told to end before this is closed. */
  public static Interruption watch(Runnable tell) {
    Interruption interruption = new Interruption(tell);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** From now on there is a job that {@code cancel} stops. */
  public void cancelWith(Runnable cancel) {
    job.set(cancel);
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

  private void end(Runnable tell) {
    tell.run();
    Runnable cancel = job.get();
    if (cancel == null) {
      return;
    }
    // On a thread of its own: a gateway that hangs must not hold up the end.
    Thread.startVirtualThread(() -> cancel(cancel));
    try {
      boolean _ = ended.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void cancel(Runnable cancel) {
    try {
      cancel.run();
    } catch (GenerationFailedException _) {
      // The job ends with the process all the same.
    }
  }
}

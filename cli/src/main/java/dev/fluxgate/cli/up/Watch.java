package dev.fluxgate.cli.up;

import dev.fluxgate.cli.failure.ServiceFailedException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one service running: starts it again whenever it dies. One that fails before the whole
 * system was ready is not mended by trying again, and ends the system.
 */
final class Watch {
  private static final int SIGNALLED = 128;

  private final String name;
  private final List<String> command;
  private final Consumer<String> childLog;
  private final SystemLog log;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable Child child;

  /**
   * Watches once started.
   *
   * @param name "denoiser-0"
   * @param number position among the services
   * @param command how it is started
   */
  Watch(String name, int number, List<String> command, SystemLog log, Owner owner) {
    this.name = name;
    this.command = command;
    this.log = log;
    childLog = line -> log.print(name, number, line);
    thread = Thread.ofVirtual().name("watch-" + name).unstarted(() -> keepRunning(owner));
  }

  /** Who has to know. */
  interface Owner {
    /** Whether the system has been ready. */
    boolean wasReady();

    /** A service cannot be started. */
    void failed(ServiceFailedException why);
  }

  /** Starts the service. */
  void start() {
    thread.start();
  }

  /** Whether the service says that it runs. */
  synchronized boolean isStarted() {
    return child != null && child.isStarted();
  }

  /** Whether the service says that jobs can run. */
  synchronized boolean isReady() {
    return child != null && child.isReady();
  }

  /** The whole system stops: the service is not started again, and waits for its turn. */
  void hold() {
    end(Child::hold);
  }

  /** Asks the service to stop, for good. */
  void stop() {
    end(Child::stop);
  }

  /** Ends the service at once, for good. */
  void kill() {
    end(Child::kill);
  }

  private void end(Consumer<Child> how) {
    stopping.countDown();
    synchronized (this) {
      if (child != null) {
        how.accept(child);
      }
    }
  }

  /** Waits until the service has ended for good. */
  void awaitEnd() throws InterruptedException {
    thread.join();
  }

  private void keepRunning(Owner owner) {
    Backoff backoff = new Backoff();
    try {
      while (stopping.getCount() > 0) {
        long start = System.nanoTime();
        Child life = begin();
        int exitCode = life.awaitEnd();
        if (stopping.getCount() == 0) {
          return;
        }
        if (exitCode != 0 && !owner.wasReady()) {
          owner.failed(new ServiceFailedException(name + ": " + why(life, exitCode)));
          return;
        }
        Duration delay = backoff.after(Duration.ofNanos(System.nanoTime() - start));
        log.print(
            String.format(
                Locale.ROOT,
                "%s ended, %s; starting it again in %.1f s",
                name,
                ending(exitCode),
                delay.toMillis() / 1e3));
        boolean _ = stopping.await(delay.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Child begin() {
    Child next = Child.start(command, childLog);
    child = next;
    if (stopping.getCount() == 0) {
      next.kill();
    }
    return next;
  }

  /** Its complaint, or its last line where it had none. */
  private static String why(Child life, int exitCode) {
    String words = life.lastWords();
    return exitCode > SIGNALLED || words.isEmpty() ? ending(exitCode) : words;
  }

  private static String ending(int exitCode) {
    return exitCode > SIGNALLED
        ? "killed by signal " + (exitCode - SIGNALLED)
        : "exit code " + exitCode;
  }
}

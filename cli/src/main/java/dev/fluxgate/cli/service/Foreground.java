package dev.fluxgate.cli.service;

import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service in the foreground. It runs until this process is told to stop; told so before it runs,
 * or a second time, the process ends at once.
 */
final class Foreground {
  private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);

  /** How long a parent that was told to stop may take to tell us. */
  private static final long HOLD_MILLIS = 500;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile boolean held;
  private volatile @Nullable RuntimeException failure;

  private Foreground() {}

  /**
   * Listens for what may stop this process: signals, and for one of {@code up} also what comes on
   * stdin. Signals often reach parent and child alike, and then the parent decides.
   */
  static Foreground enter(SupervisedOption option) {
    Foreground foreground = new Foreground();
    if (option.isSupervised()) {
      StopSignals.listen(_ -> {}, "INT", "HUP");
      StopSignals.listen(_ -> foreground.stopUnlessHeld(), "TERM");
      Thread.ofPlatform().daemon().name("parent").start(foreground::obeyParent);
    } else {
      StopSignals.listen(_ -> foreground.stop(), "INT", "TERM", "HUP");
    }
    return foreground;
  }

  /**
   * Returns once the service shall stop.
   *
   * @throws RuntimeException what the service failed with, if it did
   */
  void awaitStop() throws InterruptedException {
    running.set(true);
    stop.await();
    RuntimeException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  /** Ends the service, which cannot go on. */
  void fail(RuntimeException cause) {
    failure = cause;
    stop.countDown();
  }

  private void stop() {
    if (!running.get() || stop.getCount() == 0) {
      Runtime.getRuntime().halt(ExitCode.OK);
    }
    LOG.info("stopping{}", held ? "" : "; told so again, this process ends at once");
    stop.countDown();
  }

  /** A signal for this process alone counts; one for the whole system is the parent's matter. */
  private void stopUnlessHeld() {
    try {
      Thread.sleep(HOLD_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (!held) {
      stop();
    }
  }

  private void obeyParent() {
    try {
      for (int word = System.in.read(); word >= 0; word = System.in.read()) {
        held = true;
        if (word == SupervisedOption.STOP) {
          stop();
        }
      }
    } catch (IOException e) {
      LOG.debug("stdin", e);
    }
    // Nobody is left who could tell us to stop, or who would read what we say.
    Runtime.getRuntime().halt(ExitCode.FAILED);
  }
}

package dev.fluxgate.cli.up;

import dev.fluxgate.cli.failure.ServiceFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Encoder, gateway and workers as processes, from the first start to the last end. */
final class RunningSystem implements Watch.Owner, AutoCloseable {
  private static final int ENCODER = 0;
  private static final int GATEWAY = 1;
  private static final long POLL_MILLIS = 20;

  private final SystemLog log;
  private final List<Watch> watches = new ArrayList<>();
  private final CompletableFuture<Boolean> end = new CompletableFuture<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile boolean ready;

  /**
   * Starts everything at once.
   *
   * @param services name → command, the encoder first, then the gateway, then the workers
   */
  RunningSystem(Map<String, List<String>> services, SystemLog log) {
    this.log = log;
    services.forEach(
        (name, command) -> watches.add(new Watch(name, watches.size(), command, log, this)));
    watches.forEach(Watch::start);
  }

  /**
   * Returns once a job can run and every service is there, or once the system was told to stop.
   *
   * @return whether a job can run
   * @throws ServiceFailedException if a service cannot be started
   */
  boolean awaitReady() throws InterruptedException {
    while (!end.isDone() && !(watches.get(GATEWAY).isReady() && areStarted())) {
      Thread.sleep(POLL_MILLIS);
    }
    ready = !end.isDone();
    if (end.isCompletedExceptionally()) {
      awaitEnd();
    }
    return ready;
  }

  /**
   * Returns once the system was told to stop.
   *
   * @throws ServiceFailedException if a service cannot be started
   */
  void awaitEnd() throws InterruptedException {
    try {
      boolean _ = end.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ServiceFailedException why
          ? why
          : new IllegalStateException(e.getCause());
    }
  }

  /** Told to stop: in good order, or, told so again, at once. */
  void stop(String signal) {
    if (stopping.compareAndSet(false, true)) {
      watches.forEach(Watch::hold);
      log.print("stopping after SIG" + signal + "; told so again, everything ends at once");
      boolean _ = end.complete(true);
    } else {
      watches.forEach(Watch::kill);
    }
  }

  @Override
  public boolean wasReady() {
    return ready;
  }

  @Override
  public void failed(ServiceFailedException why) {
    boolean _ = end.completeExceptionally(why);
  }

  /**
   * Ends all: first the workers, which finish what they draw, then the gateway, then the encoder.
   */
  @Override
  public void close() {
    boolean orderly = !end.isCompletedExceptionally();
    stopAndAwait(watches.subList(GATEWAY + 1, watches.size()), orderly);
    stopAndAwait(List.of(watches.get(GATEWAY)), orderly);
    stopAndAwait(List.of(watches.get(ENCODER)), orderly);
  }

  private static void stopAndAwait(List<Watch> some, boolean orderly) {
    some.forEach(orderly ? Watch::stop : Watch::kill);
    try {
      for (Watch watch : some) {
        watch.awaitEnd();
      }
    } catch (InterruptedException e) {
      some.forEach(Watch::kill);
      Thread.currentThread().interrupt();
    }
  }

  private boolean areStarted() {
    return watches.stream().allMatch(Watch::isStarted);
  }
}

package dev.fluxgate.gateway.worker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that lets time have its effect on leases. */
public final class LeaseSweeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseSweeper.class);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final WorkerPool workers;
  private final Duration period;

  private LeaseSweeper(WorkerPool workers, Duration period) {
    this.workers = workers;
    this.period = period;
  }

  /** Sweeps the leases of {@code workers} every {@code period} until closed. */
  public static LeaseSweeper start(WorkerPool workers, Duration period) {
    LeaseSweeper sweeper = new LeaseSweeper(workers, period);
    Thread.ofVirtual().name("gateway-lease-sweeper").start(sweeper::run);
    return sweeper;
  }

  private void run() {
    try {
      while (!closed.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
        sweep();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The boundary of the thread: one failed sweep must not be the last.
  @SuppressWarnings("checkstyle:IllegalCatch")
  private void sweep() {
    try {
      workers.sweep();
    } catch (RuntimeException e) {
      LOG.error("leases could not be swept", e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}

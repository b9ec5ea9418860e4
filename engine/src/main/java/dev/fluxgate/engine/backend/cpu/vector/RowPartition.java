package dev.fluxgate.engine.backend.cpu.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of platform threads that shares out the rows of one op at a time. The caller is
 * worker 0 and works along; nothing runs on once an op is done, beyond a few microseconds in which
 * a worker looks out for the next op before it parks.
 */
public final class RowPartition implements AutoCloseable {
  /** Below this many bytes an op stays on the caller's thread: waking another costs more. */
  private static final long SMALL_BYTES = 64 << 10;

  /** Looks before parking; some ten microseconds. */
  private static final int SPINS = 400;

  private final List<Thread> threads = new ArrayList<>();
  private final Worker[] others;
  private volatile @Nullable Job job;
  private volatile boolean closed;

  /** One of the pieces that an op is cut into. */
  @FunctionalInterface
  public interface Task {
    /** Does piece {@code index}, as worker {@code worker}: two at a time have different workers. */
    void run(int worker, int index);
  }

  /** Work on a range of rows. */
  @FunctionalInterface
  public interface RangeTask {
    /** Does rows {@code [from, to)}. */
    void run(int worker, int from, int to);
  }

  /**
   * Starts {@code workers − 1} threads.
   *
   * @param workers threads that work side by side, the caller's among them
   * @param threadStart runs first on each new thread
   */
  public RowPartition(int workers, Runnable threadStart) {
    if (workers < 1) {
      throw new IllegalArgumentException("threads: " + workers + " (expected: at least 1)");
    }
    others = new Worker[workers - 1];
    for (int i = 0; i < others.length; i++) {
      Worker worker = new Worker(i + 1);
      others[i] = worker;
      threads.add(
          Thread.ofPlatform()
              .name("fluxgate-cpu-" + (i + 1))
              .daemon()
              .start(() -> {
                threadStart.run();
                worker.loop();
              }));
    }
  }

  /** Threads that work side by side, the caller's among them. */
  public int workers() {
    return others.length + 1;
  }

  /** Runs pieces {@code 0..count − 1}, handed out one by one, and returns when all are done. */
  public void run(int count, Task task) {
    if (count <= 1 || others.length == 0) {
      for (int i = 0; i < count; i++) {
        task.run(0, i);
      }
      return;
    }
    Job next = new Job(task, count, Thread.currentThread());
    job = next;
    for (int i = 0; i < Math.min(others.length, count - 1); i++) {
      others[i].wake();
    }
    next.work(0);
    next.await();
  }

  /**
   * Cuts {@code rows} rows that together move {@code bytes} into even ranges, or into one on the
   * caller's thread where they are few.
   */
  public void rows(int rows, long bytes, RangeTask task) {
    int pieces = bytes < SMALL_BYTES ? 1 : Math.min(workers(), rows);
    if (pieces <= 1) {
      task.run(0, 0, rows);
      return;
    }
    run(
        pieces,
        (worker, index) ->
            task.run(
                worker,
                (int) ((long) rows * index / pieces),
                (int) ((long) rows * (index + 1) / pieces)));
  }

  /** Ends the threads and waits for their end. Closing twice is harmless. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : others) {
      worker.wake();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One op: which pieces are taken, which done, and what went wrong first. */
  private static final class Job {
    private final Task task;
    private final int count;
    private final Thread caller;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean callerWaits;

    Job(Task task, int count, Thread caller) {
      this.task = task;
      this.count = count;
      this.caller = caller;
    }

    @SuppressWarnings("IllegalCatch") // A thread's border: the caller gets whatever was thrown.
    void work(int worker) {
      for (int i = taken.getAndIncrement(); i < count; i = taken.getAndIncrement()) {
        try {
          task.run(worker, i);
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        }
        if (done.incrementAndGet() == count && callerWaits) {
          LockSupport.unpark(caller);
        }
      }
    }

    void await() {
      for (int spin = 0; done.get() < count && spin < SPINS; spin++) {
        Thread.onSpinWait();
      }
      boolean interrupted = false;
      callerWaits = true;
      while (done.get() < count) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  private final class Worker {
    private final int number;
    private volatile @Nullable Thread parked;

    Worker(int number) {
      this.number = number;
    }

    void wake() {
      Thread thread = parked;
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }

    void loop() {
      Job last = null;
      while (!closed) {
        Job next = job;
        if (next != null && next != last) {
          next.work(number);
          last = next;
        } else {
          waitFor(last);
        }
      }
    }

    private void waitFor(@Nullable Job last) {
      for (int spin = 0; spin < SPINS; spin++) {
        if (job != last || closed) {
          return;
        }
        Thread.onSpinWait();
      }
      parked = Thread.currentThread();
      // Looked at again after telling that we sleep: whoever sets a job then wakes us.
      if (job == last && !closed) {
        LockSupport.park(this);
      }
      parked = null;
    }
  }
}

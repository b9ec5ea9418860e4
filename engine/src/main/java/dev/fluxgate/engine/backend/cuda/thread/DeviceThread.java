package dev.fluxgate.engine.backend.cuda.thread;

import dev.fluxgate.engine.backend.cuda.driver.CudaDeviceLostException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The platform thread that makes every call of one device, in the order in which the work came: a
 * context belongs to a thread of the system, and a driver's calls block.
 *
 * <p>Work that is enqueued fails later: the failure is kept, whatever was enqueued before it is
 * known is skipped, and the next caller gets it. Once the device is lost every caller does.
 */
public final class DeviceThread {
  private final BlockingQueue<Task> queue;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicReference<@Nullable CudaDeviceLostException> loss = new AtomicReference<>();

  /** Counts the failures that callers have been told of. */
  private final AtomicLong epoch = new AtomicLong();

  /** The epoch in which work failed; touched by the thread alone. */
  private long failedEpoch = -1;

  private volatile boolean closed;

  /** Starts a daemon thread of this name with at most {@code capacity} ops waiting for it. */
  public DeviceThread(String name, int capacity) {
    queue = new ArrayBlockingQueue<>(capacity);
    Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  /** Whether the device is lost; every call but {@link #always} then fails. */
  public boolean isLost() {
    return loss.get() != null;
  }

  /**
   * Lets the thread run {@code work} after what was enqueued before; waits only for a place.
   *
   * @throws RuntimeException what work enqueued earlier threw
   */
  public void enqueue(Runnable work) {
    throwKept();
    put(new Task(work, epoch.get(), false));
  }

  /**
   * Lets the thread run {@code work} and waits for what it gives.
   *
   * @throws RuntimeException what it threw, or what work enqueued earlier threw
   */
  public <T extends @Nullable Object> T call(Supplier<T> work) {
    throwKept();
    Answer<T> answer = new Answer<>(work);
    Task task = new Task(answer, epoch.get(), false);
    put(task);
    task.await();
    if (!task.ran) {
      throwKept();
      throw new IllegalStateException("skipped, for an op of another thread had failed before");
    }
    return answer.get();
  }

  /** Lets the thread run {@code work}, whatever failed before, and waits: giving things back. */
  public void always(Runnable work) {
    if (!closed) {
      Task task = new Task(work, epoch.get(), true);
      put(task);
      task.await();
    }
  }

  /** Runs {@code last}, whatever failed before, and ends the thread. Closing twice is harmless. */
  public void close(Runnable last) {
    if (closed) {
      return;
    }
    closed = true;
    Task task = new Task(last, epoch.get(), true);
    task.isLast = true;
    put(task);
    task.await();
  }

  /** What failed and has not been told of, if anything; forgets it. */
  public @Nullable Throwable takeFailure() {
    Throwable kept = failure.getAndSet(null);
    if (kept != null) {
      epoch.incrementAndGet();
    }
    if (kept instanceof CudaDeviceLostException lost) {
      // Who is told of the loss finds the device lost, though the thread has yet to note it.
      loss.compareAndSet(null, lost);
    }
    return kept;
  }

  private void throwKept() {
    if (closed) {
      throw new IllegalStateException("back end: closed (expected: open)");
    }
    Throwable kept = takeFailure();
    if (kept != null) {
      throw asUnchecked(kept);
    }
    CudaDeviceLostException first = loss.get();
    if (first != null) {
      throw first.again();
    }
  }

  /** A caller that is interrupted waits on: the device has its memory in use. */
  private void put(Task task) {
    boolean interrupted = false;
    while (true) {
      try {
        queue.put(task);
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    boolean last = false;
    while (!last) {
      try {
        Task task = queue.take();
        execute(task);
        last = task.isLast;
        task.finish();
      } catch (InterruptedException _) {
        // Nobody has the thread; it ends when it is told to.
      }
    }
  }

  @SuppressWarnings("IllegalCatch") // A thread's border: the caller gets whatever was thrown.
  private void execute(Task task) {
    if (!task.always && (isLost() || task.epoch == failedEpoch)) {
      return;
    }
    task.ran = true;
    try {
      task.work.run();
    } catch (Throwable e) {
      keep(e, task.epoch);
    }
    if (task.work instanceof Answer<?> answer
        && answer.thrown instanceof CudaDeviceLostException lost) {
      loss.compareAndSet(null, lost);
    }
  }

  private void keep(Throwable e, long failed) {
    failedEpoch = failed;
    failure.compareAndSet(null, e);
    if (e instanceof CudaDeviceLostException lost) {
      loss.compareAndSet(null, lost);
    }
  }

  private static RuntimeException asUnchecked(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  /** Work with a result, which the caller waits for. */
  private static final class Answer<T extends @Nullable Object> implements Runnable {
    private final Supplier<T> work;
    private @Nullable T value;
    private @Nullable Throwable thrown;

    Answer(Supplier<T> work) {
      this.work = work;
    }

    @Override
    @SuppressWarnings("IllegalCatch") // A thread's border: the caller gets whatever was thrown.
    public void run() {
      try {
        value = work.get();
      } catch (Throwable e) {
        thrown = e;
      }
    }

    @SuppressWarnings("NullAway") // Null only if the work gave null.
    T get() {
      if (thrown != null) {
        throw asUnchecked(thrown);
      }
      return value;
    }
  }

  /** One piece of work and how far it is. */
  private static final class Task {
    private final Runnable work;
    private final long epoch;
    private final boolean always;
    private boolean isLast;
    private boolean ran;
    private boolean done;

    Task(Runnable work, long epoch, boolean always) {
      this.work = work;
      this.epoch = epoch;
      this.always = always;
    }

    synchronized void finish() {
      done = true;
      notifyAll();
    }

    synchronized void await() {
      boolean interrupted = false;
      while (!done) {
        try {
          wait();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

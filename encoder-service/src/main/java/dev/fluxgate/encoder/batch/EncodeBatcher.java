package dev.fluxgate.encoder.batch;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.serving.QueueFullException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings prompts to the one platform thread that owns the device: in order of arrival through a
 * bounded queue, equal ones once, those of equal length and layers together. Callers wait on
 * threads of their own and may leave at any time.
 *
 * <p>Tasks of many steps use the same thread. Prompts and tasks take turns: after each step of a
 * task the prompts that wait get one batch, after each batch the oldest task gets one step.
 */
public final class EncodeBatcher implements AutoCloseable {
  private static final Duration LEAST_RETRY = Duration.ofMillis(100);
  private static final Duration MOST_RETRY = Duration.ofSeconds(30);

  private final BatchEncoder encoder;
  private final int queueCapacity;
  private final int maxBatch;
  private final Thread device;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<EncodeFlight> waiting = new ArrayDeque<>();
  private final Map<EncodeFlight.Key, EncodeFlight> flights = new HashMap<>();
  private final StepQueue tasks = new StepQueue();
  private final CompletableFuture<BackendLostException> lost = new CompletableFuture<>();
  private long nanosPerBatch;
  private boolean closed;

  /**
   * Starts the device thread.
   *
   * @param queueCapacity most encodings that wait; equal ones count once
   * @param maxBatch most sequences that are encoded together
   */
  public EncodeBatcher(BatchEncoder encoder, int queueCapacity, int maxBatch) {
    this.encoder = encoder;
    this.queueCapacity = queueCapacity;
    this.maxBatch = maxBatch;
    device = Thread.ofPlatform().name("encoder-device-0").start(this::run);
  }

  /**
   * Asks for an encoding, or joins one that was asked for and is not yet done.
   *
   * @throws QueueFullException if too many wait; tells when to come back
   * @throws RejectedExecutionException after {@link #close}
   */
  public EncodeTicket submit(PromptTokens tokens, OutputLayers layers) {
    EncodeFlight.Key key = new EncodeFlight.Key(tokens, layers);
    lock.lock();
    try {
      if (closed) {
        throw stopping();
      }
      EncodeFlight known = flights.get(key);
      EncodeFlight flight = known == null ? enqueue(key) : known;
      flight.join();
      return new EncodeTicket(flight.result().copy(), () -> leave(flight));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks for a task.
   *
   * @throws QueueFullException if too many wait
   * @throws RejectedExecutionException after {@link #close}
   */
  public <T> StepTicket<T> submit(SteppedTask<T> task) {
    StepFlight<T> flight = new StepFlight<>(task);
    lock.lock();
    try {
      if (closed) {
        throw stopping();
      }
      tasks.add(flight);
      changed.signal();
    } finally {
      lock.unlock();
    }
    var _ =
        flight
            .result()
            .whenComplete((_, failure) -> {
              if (failure instanceof BackendLostException loss) {
                lost.complete(loss);
              }
            });
    return new StepTicket<>(flight.result(), () -> leave(flight));
  }

  /** Completes if the device is lost, with how: nothing can be encoded after that. */
  public CompletableFuture<BackendLostException> lost() {
    return lost.copy();
  }

  /** Encodings that wait for their turn. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Callers who wait for an encoding, those who share one counted each. */
  public int callers() {
    lock.lock();
    try {
      return flights.values().stream().mapToInt(EncodeFlight::callers).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Tasks that wait or have begun. */
  public int tasks() {
    lock.lock();
    try {
      return tasks.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no more, tells those who wait, and waits for the batch that is being encoded. Closing
   * twice is harmless.
   */
  @Override
  public void close() {
    List<EncodeFlight> refused;
    List<StepFlight<?>> refusedTasks;
    lock.lock();
    try {
      closed = true;
      refusedTasks = tasks.refuseAll();
      refused = List.copyOf(waiting);
      waiting.clear();
      refused.forEach(flight -> flights.remove(flight.key()));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    refused.forEach(flight -> flight.result().completeExceptionally(stopping()));
    refusedTasks.forEach(flight -> flight.result().completeExceptionally(stopping()));
    joinDevice();
  }

  private EncodeFlight enqueue(EncodeFlight.Key key) {
    if (waiting.size() >= queueCapacity) {
      throw new QueueFullException(
          "queue: " + waiting.size() + " prompts wait (expected: below " + queueCapacity + ")",
          retryAfter());
    }
    EncodeFlight flight = new EncodeFlight(key);
    waiting.addLast(flight);
    flights.put(key, flight);
    changed.signal();
    return flight;
  }

  private void leave(EncodeFlight flight) {
    lock.lock();
    try {
      if (flight.leave() && waiting.remove(flight)) {
        flights.remove(flight.key());
      }
    } finally {
      lock.unlock();
    }
  }

  private void leave(StepFlight<?> flight) {
    lock.lock();
    try {
      tasks.leave(flight);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    boolean worked = true;
    while (worked || !isClosed()) {
      List<EncodeFlight> batch = take();
      if (!batch.isEmpty()) {
        long start = System.nanoTime();
        encode(batch);
        measured(System.nanoTime() - start);
      }
      worked = step() || !batch.isEmpty();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** One step of the oldest task. */
  private boolean step() {
    StepFlight<?> flight;
    lock.lock();
    try {
      flight = tasks.begin();
    } finally {
      lock.unlock();
    }
    if (flight == null) {
      return false;
    }
    if (!flight.advance()) {
      lock.lock();
      try {
        tasks.end(flight);
      } finally {
        lock.unlock();
      }
    }
    return true;
  }

  /** The oldest flight and those that fit it; none where only tasks wait, or after the close. */
  private List<EncodeFlight> take() {
    lock.lock();
    try {
      while (waiting.isEmpty() && tasks.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      List<EncodeFlight> batch = new ArrayList<>();
      for (Iterator<EncodeFlight> it = waiting.iterator();
          it.hasNext() && batch.size() < maxBatch; ) {
        EncodeFlight flight = it.next();
        if (batch.isEmpty() || flight.key().fits(batch.getFirst().key())) {
          batch.add(flight);
          it.remove();
        }
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  // The boundary of the device thread: whatever one batch fails with, the next is served.
  @SuppressWarnings("checkstyle:illegalcatch")
  private void encode(List<EncodeFlight> batch) {
    try {
      List<PromptTokens> tokens = batch.stream().map(flight -> flight.key().tokens()).toList();
      List<PromptEmbeds> embeds = encoder.encode(tokens, batch.getFirst().key().layers());
      landed(batch);
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).result().complete(embeds.get(i));
      }
    } catch (RuntimeException | Error e) {
      if (e instanceof DeviceMemoryException && batch.size() > 1) {
        // Too large together; each may fit alone.
        batch.forEach(flight -> encode(List.of(flight)));
        return;
      }
      landed(batch);
      batch.forEach(flight -> flight.result().completeExceptionally(e));
      if (e instanceof BackendLostException loss) {
        lost.complete(loss);
      }
    }
  }

  private void landed(List<EncodeFlight> batch) {
    lock.lock();
    try {
      batch.forEach(flight -> flights.remove(flight.key()));
    } finally {
      lock.unlock();
    }
  }

  private void measured(long nanos) {
    lock.lock();
    try {
      nanosPerBatch = nanosPerBatch == 0 ? nanos : (3 * nanosPerBatch + nanos) / 4;
    } finally {
      lock.unlock();
    }
  }

  /** When the queue will have moved by half, by what batches took of late. */
  private Duration retryAfter() {
    Duration wait = Duration.ofNanos(nanosPerBatch * Math.ceilDiv(waiting.size(), 2 * maxBatch));
    if (wait.compareTo(LEAST_RETRY) < 0) {
      return LEAST_RETRY;
    }
    return wait.compareTo(MOST_RETRY) > 0 ? MOST_RETRY : wait;
  }

  private void joinDevice() {
    boolean interrupted = false;
    while (device.isAlive()) {
      try {
        device.join();
      } catch (InterruptedException _) {
        // The device must not be torn down under a running batch; the caller learns of it after.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RejectedExecutionException stopping() {
    return new RejectedExecutionException("the encoder is stopping");
  }
}

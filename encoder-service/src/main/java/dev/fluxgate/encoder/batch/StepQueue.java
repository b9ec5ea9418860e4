package dev.fluxgate.encoder.batch;

import dev.fluxgate.serving.QueueFullException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tasks in order of arrival. One at a time has begun, so that the memory of one is taken. Guarded
 * by its batcher's lock.
 */
final class StepQueue {
  /** Most tasks that wait, the one that has begun included. */
  static final int CAPACITY = 16;

  private static final Duration RETRY = Duration.ofSeconds(5);

  private final Deque<StepFlight<?>> flights = new ArrayDeque<>();
  private @Nullable StepFlight<?> begun;

  /**
   * Appends a task.
   *
   * @throws QueueFullException if too many wait
   */
  void add(StepFlight<?> flight) {
    if (flights.size() >= CAPACITY) {
      throw new QueueFullException(
          "queue: " + flights.size() + " tasks wait (expected: below " + CAPACITY + ")", RETRY);
    }
    flights.addLast(flight);
  }

  boolean isEmpty() {
    return flights.isEmpty();
  }

  int size() {
    return flights.size();
  }

  /** The task whose turn it is; null if there is none. */
  @Nullable StepFlight<?> begin() {
    begun = flights.peekFirst();
    return begun;
  }

  /** Drops a task that has not begun; one that has is dropped by its device. */
  void leave(StepFlight<?> flight) {
    if (!flight.equals(begun)) {
      flights.remove(flight);
    }
  }

  /** Drops the task that has begun. */
  void end(StepFlight<?> flight) {
    flights.remove(flight);
    begun = null;
  }

  /** All tasks; those that have not begun are dropped. */
  List<StepFlight<?>> refuseAll() {
    List<StepFlight<?>> all = List.copyOf(flights);
    flights.removeIf(flight -> !flight.equals(begun));
    return all;
  }
}

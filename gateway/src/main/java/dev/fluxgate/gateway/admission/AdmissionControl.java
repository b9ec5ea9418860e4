package dev.fluxgate.gateway.admission;

import dev.fluxgate.serving.QueueFullException;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds what waits, by number and by cost (pixels times steps), and tells who is refused when room
 * is likely. A job is refused before it is accepted, never after.
 */
public final class AdmissionControl {
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  /** Weight of the newest measurement in the moving average. */
  private static final double SMOOTHING = 0.2;

  private final int maxJobs;
  private final long maxCost;
  private final LongAdder rejected = new LongAdder();
  private double costPerMilli;

  /**
   * A bound.
   *
   * @param maxJobs most jobs that wait; each may hold an embedding in memory
   * @param maxCost most pixels times steps that wait; one job is always taken
   */
  public AdmissionControl(int maxJobs, long maxCost) {
    this.maxJobs = maxJobs;
    this.maxCost = maxCost;
  }

  /**
   * Lets a job pass.
   *
   * @param jobs how many wait
   * @param waiting what they cost
   * @param cost of the new one
   * @throws QueueFullException if the job would exceed a bound
   */
  public void check(int jobs, long waiting, long cost) {
    if (jobs >= maxJobs) {
      rejected.increment();
      throw new QueueFullException(
          "queue: " + jobs + " jobs waiting (expected: fewer than " + maxJobs + ")",
          predictedWait(waiting / jobs));
    }
    // Subtracting keeps the test from overflowing.
    if (jobs > 0 && cost > maxCost - waiting) {
      rejected.increment();
      throw new QueueFullException(
          "queue: "
              + waiting
              + " pixel steps waiting and "
              + cost
              + " more asked for (expected: at most "
              + maxCost
              + " together)",
          predictedWait(waiting - (maxCost - cost)));
    }
  }

  /** Jobs refused so far. */
  public long rejected() {
    return rejected.sum();
  }

  /** Learns how fast workers are. */
  public synchronized void completed(long cost, Duration took) {
    double measured = (double) cost / Math.max(1, took.toMillis());
    costPerMilli =
        costPerMilli == 0 ? measured : costPerMilli + SMOOTHING * (measured - costPerMilli);
  }

  private synchronized Duration predictedWait(long cost) {
    if (costPerMilli == 0) {
      return SHORTEST_WAIT;
    }
    Duration predicted = Duration.ofMillis((long) (Math.max(0, cost) / costPerMilli));
    if (predicted.compareTo(SHORTEST_WAIT) < 0) {
      return SHORTEST_WAIT;
    }
    return predicted.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : predicted;
  }
}

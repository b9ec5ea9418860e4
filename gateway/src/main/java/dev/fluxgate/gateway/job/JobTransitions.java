package dev.fluxgate.gateway.job;

import static dev.fluxgate.gateway.job.JobState.CANCELLED;
import static dev.fluxgate.gateway.job.JobState.EXPIRED;
import static dev.fluxgate.gateway.job.JobState.FAILED;
import static dev.fluxgate.gateway.job.JobState.QUEUED;
import static dev.fluxgate.gateway.job.JobState.RUNNING;
import static dev.fluxgate.gateway.job.JobState.SUCCEEDED;

import java.util.Map;
import java.util.Set;

/** Which state may follow which. */
public final class JobTransitions {
  private static final Map<JobState, Set<JobState>> TABLE =
      Map.of(
          QUEUED, Set.of(RUNNING, FAILED, CANCELLED, EXPIRED),
          // Back to QUEUED: the worker died, failed or left.
          RUNNING, Set.of(QUEUED, SUCCEEDED, FAILED, CANCELLED, EXPIRED),
          SUCCEEDED, Set.of(),
          FAILED, Set.of(),
          CANCELLED, Set.of(),
          EXPIRED, Set.of());

  private JobTransitions() {}

  /** The states that may follow {@code state}. */
  public static Set<JobState> from(JobState state) {
    return TABLE.getOrDefault(state, Set.of());
  }

  /**
   * Checks a change of state.
   *
   * @throws IllegalStateException if {@code next} may not follow {@code state}
   */
  public static void check(JobState state, JobState next) {
    if (!from(state).contains(next)) {
      throw new IllegalStateException(
          "job state: " + state + " to " + next + " (expected: one of " + from(state) + ")");
    }
  }
}

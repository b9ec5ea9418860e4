package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.LeaseOutcome;
import java.time.Duration;

/**
 * What becomes of a job whose lease ended badly (serving §2.2, §2.3).
 *
 * @param maxAttempts leases that may end badly before the job is given up
 * @param firstDelay rest after the first bad end; five times longer after each further one
 */
public record RetryPolicy(int maxAttempts, Duration firstDelay) {
  private static final int DELAY_FACTOR = 5;

  /** The outcome for a lease that its worker gave back. */
  public LeaseOutcome afterNack(Job job, NackReason reason, Job.JobError error) {
    return switch (reason) {
      case INVALID -> new LeaseOutcome.Failed(error);
      case PREEMPTED, CANCELLED -> LeaseOutcome.Returned.BLAMELESS;
      case TOO_LARGE ->
          maxAttempts == 1 ? new LeaseOutcome.Failed(error) : LeaseOutcome.Returned.BLAMELESS;
      case TRANSIENT -> attempt(job, false, delay(job), error);
      case WORKER_SUSPECT -> attempt(job, true, delay(job), error);
      case JOB_SUSPECT -> {
        boolean failedElsewhere =
            job.lease().excluded().stream().anyMatch(other -> !other.equals(job.lease().worker()));
        yield failedElsewhere ? poisoned(job, error) : attempt(job, true, delay(job), error);
      }
    };
  }

  /** The outcome for a lease that was not prolonged. */
  public LeaseOutcome afterLapse(Job job) {
    return attempt(
        job,
        true,
        Duration.ZERO,
        new Job.JobError("LEASE_LAPSED", "worker " + job.lease().worker() + " fell silent"));
  }

  private LeaseOutcome attempt(Job job, boolean excludes, Duration delay, Job.JobError error) {
    return job.lease().attempts() + 1 >= maxAttempts
        ? poisoned(job, error)
        : new LeaseOutcome.Returned(true, excludes, delay);
  }

  private LeaseOutcome poisoned(Job job, Job.JobError error) {
    if (maxAttempts == 1) {
      return new LeaseOutcome.Failed(error);
    }
    return new LeaseOutcome.Failed(
        new Job.JobError(
            "POISONED",
            "attempts: "
                + (job.lease().attempts() + 1)
                + " failed (expected: success within "
                + maxAttempts
                + ", on any worker); last: "
                + error.message()));
  }

  private Duration delay(Job job) {
    return firstDelay.multipliedBy((long) Math.pow(DELAY_FACTOR, job.lease().attempts()));
  }
}

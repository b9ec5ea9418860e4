package dev.fluxgate.gateway.job;

import java.time.Duration;

/** How a lease ends. */
public sealed interface LeaseOutcome {

  /**
   * All pictures are stored.
   *
   * @param denoiseMillis in the denoising loop
   * @param decodeMillis from latents to files
   */
  record Succeeded(long denoiseMillis, long decodeMillis) implements LeaseOutcome {}

  /**
   * No worker shall try it again.
   *
   * @param error why
   */
  record Failed(Job.JobError error) implements LeaseOutcome {}

  /**
   * The job goes back into the queue, unless it was cancelled or is overdue: then it ends.
   *
   * @param isAttempt whether this counts against the job
   * @param excludesWorker whether the worker shall not have this job again
   * @param delay how long the job rests
   */
  record Returned(boolean isAttempt, boolean excludesWorker, Duration delay)
      implements LeaseOutcome {
    /** Back at once, nobody's fault. */
    public static final Returned BLAMELESS = new Returned(false, false, Duration.ZERO);
  }
}

package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.job.Job;

/**
 * What a worker says to a request that is not accepted yet.
 *
 * @param neededBytes activation memory that the job would take; 0: not told
 * @param availableBytes activation memory that it may take there
 * @param refusal why the worker cannot draw it, however much memory there is; empty: it can
 */
public record PlanAnswer(long neededBytes, long availableBytes, String refusal) {
  /** Nothing that speaks against it. */
  public static final PlanAnswer NONE = new PlanAnswer(0, 0, "");

  /** Whether the worker could draw it, as far as it told. */
  public boolean isYes() {
    return refusal.isEmpty() && neededBytes <= availableBytes;
  }

  /** Why not; for want of memory with the bytes needed and there. */
  public Job.JobError objection() {
    return refusal.isEmpty()
        ? new Job.JobError(
            "TOO_LARGE",
            "parameters: %d bytes of activations (expected: at most %d bytes, which is what the worker has)"
                .formatted(neededBytes, availableBytes))
        : new Job.JobError("INVALID_REQUEST", refusal);
  }
}

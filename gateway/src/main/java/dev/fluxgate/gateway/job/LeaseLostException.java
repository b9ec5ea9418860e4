package dev.fluxgate.gateway.job;

/** A worker writes under a lease that is no longer its own. */
public final class LeaseLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names the lease, and what the job says. */
  public LeaseLostException(LeaseRef ref, String now) {
    super("lease: job " + ref.jobId() + " epoch " + ref.epoch() + " (expected: " + now + ")");
  }
}

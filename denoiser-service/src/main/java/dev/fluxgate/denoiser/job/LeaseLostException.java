package dev.fluxgate.denoiser.job;

/** The gateway gave the job to another, or it has ended: the work is worth nothing any more. */
public final class LeaseLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** {@code lease} is no longer ours. */
  public LeaseLostException(Lease lease, Throwable cause) {
    super("lease lost: job " + lease.jobId() + ", epoch " + lease.epoch(), cause);
  }
}

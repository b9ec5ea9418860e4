package dev.fluxgate.denoiser.picture;

import org.jspecify.annotations.Nullable;

/** A job that ends without pictures, with the class of its failure. */
public final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Fault fault;
  private final String reason;

  /** What is to blame, which decides whether the job is tried again and where. */
  public enum Fault {
    /** The request can never be drawn. */
    REQUEST,
    /** This worker has too little memory for it; another may have enough. */
    MEMORY,
    /** This job may be at fault: not-a-number in its latents. */
    JOB,
    /** This worker may be at fault. */
    WORKER,
    /** Neither: network, storage. */
    SURROUNDINGS,
    /** The worker was told to leave. */
    PREEMPTION,
    /** The job was cancelled. */
    CANCELLATION
  }

  /** {@code reason} is machine-readable UPPER_SNAKE_CASE, {@code message} one line for people. */
  public JobFailedException(Fault fault, String reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.fault = fault;
    this.reason = reason;
  }

  /** What is to blame. */
  public Fault fault() {
    return fault;
  }

  /** UPPER_SNAKE_CASE. */
  public String reason() {
    return reason;
  }
}

package dev.fluxgate.gateway.worker;

/** Why a worker gives a lease back. */
public enum NackReason {
  /** The request can never be drawn. */
  INVALID,
  /** The worker has too little memory for it; another may have enough. */
  TOO_LARGE,
  /** The job may be at fault. */
  JOB_SUSPECT,
  /** The worker may be at fault. */
  WORKER_SUSPECT,
  /** Neither is. */
  TRANSIENT,
  /** The worker was told to leave. */
  PREEMPTED,
  /** The worker was told to stop, and has. */
  CANCELLED
}

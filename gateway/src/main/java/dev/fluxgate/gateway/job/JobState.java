package dev.fluxgate.gateway.job;

/** Where a job stands. */
public enum JobState {
  /** Accepted and waiting, for its embeddings or for a worker. */
  QUEUED,
  /** A worker holds its lease. */
  RUNNING,
  /** All pictures are stored. */
  SUCCEEDED,
  /** It ended without pictures, with an error. */
  FAILED,
  /** Its owner stopped it. */
  CANCELLED,
  /** Its deadline passed. */
  EXPIRED;

  /** Whether nothing follows. */
  public boolean isEnd() {
    return JobTransitions.from(this).isEmpty();
  }
}

package dev.fluxgate.gateway.job;

/** No such job of this tenant. */
public final class JobNotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names the job asked for. */
  public JobNotFoundException(String id) {
    super("job: " + id + " (expected: the id of a job that was accepted and not yet forgotten)");
  }
}

package dev.fluxgate.gateway.job;

/** A request id comes again with another request. */
public final class RequestIdReusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names the id and the job that has it. */
  public RequestIdReusedException(String requestId, String jobId) {
    super(
        "request_id: "
            + requestId
            + " with other parameters than job "
            + jobId
            + " (expected: the same request, or a fresh request_id)");
  }
}

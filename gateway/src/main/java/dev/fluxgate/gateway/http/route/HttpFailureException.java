package dev.fluxgate.gateway.http.route;

/** A call that HTTP alone refuses, before anybody behind it was asked. */
public final class HttpFailureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Problem problem;

  /** Carries what the caller is told. */
  public HttpFailureException(Problem problem) {
    super(problem.detail());
    this.problem = problem;
  }

  /** Carries a status of HTTP, a reason and one line. */
  public HttpFailureException(int status, String reason, String detail) {
    this(Problem.of(status, reason, detail));
  }

  /** What the caller is told. */
  public Problem problem() {
    return problem;
  }
}

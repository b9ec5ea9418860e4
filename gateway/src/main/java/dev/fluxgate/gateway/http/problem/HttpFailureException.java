package dev.fluxgate.gateway.http.problem;

import dev.fluxgate.serving.InvalidFieldException.Violation;
import java.util.List;

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

  /** Carries one field at fault, as the caller calls it. */
  public static HttpFailureException invalid(String field, String value, String expected) {
    String line = field + ": " + value + " (expected: " + expected + ")";
    return new HttpFailureException(Problem.invalid(List.of(new Violation(field, line))));
  }

  /** What the caller is told. */
  public Problem problem() {
    return problem;
  }
}

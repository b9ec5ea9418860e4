package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.HttpResponse;
import dev.fluxgate.v1.ProblemDetails;
import dev.fluxgate.v1.ProblemViolation;

/** How a refusal looks to its reader. */
@FunctionalInterface
public interface Refusals {
  /** As {@code application/problem+json} of RFC 9457. */
  Refusals PROBLEM = Refusals::problem;

  /**
   * The refusal as an answer.
   *
   * @param instance path of the request
   */
  HttpResponse render(Problem problem, String instance);

  private static HttpResponse problem(Problem refused, String instance) {
    Problem problem = refused.renamed(FieldNames::toJson);
    ProblemDetails.Builder details =
        ProblemDetails.newBuilder()
            .setType(problem.type())
            .setTitle(problem.title())
            .setStatus(problem.status())
            .setDetail(problem.detail())
            .setInstance(instance)
            .setReason(problem.reason());
    problem
        .violations()
        .forEach(violation ->
            details.addViolations(
                ProblemViolation.newBuilder()
                    .setField(violation.field())
                    .setDescription(violation.description())));
    return JsonText.response(
        problem.headers("application/problem+json"), JsonText.brief(details.build()));
  }
}

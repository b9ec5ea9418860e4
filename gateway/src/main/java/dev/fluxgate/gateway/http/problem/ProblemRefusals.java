package dev.fluxgate.gateway.http.problem;

import com.google.protobuf.Descriptors.Descriptor;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.v1.ProblemDetails;
import dev.fluxgate.v1.ProblemViolation;

/** Refusals as {@code application/problem+json} of RFC 9457. */
final class ProblemRefusals implements Refusals {

  @Override
  public AggregatedHttpResponse render(Problem problem, String instance) {
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
    return AggregatedHttpResponse.of(
        problem.headers(mediaType()), HttpData.ofUtf8(JsonText.brief(details.build())));
  }

  @Override
  public String mediaType() {
    return "application/problem+json";
  }

  @Override
  public Descriptor schema() {
    return ProblemDetails.getDescriptor();
  }

  @Override
  public String name(String field) {
    return FieldNames.toJson(field);
  }
}

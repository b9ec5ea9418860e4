package dev.fluxgate.gateway.http.problem;

import com.google.protobuf.Descriptors.Descriptor;
import com.linecorp.armeria.common.AggregatedHttpResponse;

/** How a refusal looks to its reader. */
public interface Refusals {
  /** As RFC 9457 has it. */
  Refusals PROBLEM = new ProblemRefusals();

  /**
   * The refusal as an answer.
   *
   * @param instance path of the request
   */
  AggregatedHttpResponse render(Problem problem, String instance);

  /** Media type of the answer. */
  String mediaType();

  /** The message in the answer. */
  Descriptor schema();

  /** What callers call a field of the protocol. */
  String name(String field);
}

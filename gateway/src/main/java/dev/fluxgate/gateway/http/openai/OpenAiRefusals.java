package dev.fluxgate.gateway.http.openai;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.NullValue;
import com.google.protobuf.Value;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.Problem;
import dev.fluxgate.gateway.http.problem.Refusals;
import dev.fluxgate.v1.OpenAiError;
import dev.fluxgate.v1.OpenAiErrorBody;
import java.util.Locale;

/** Refusals in OpenAI's shape. */
final class OpenAiRefusals implements Refusals {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_FAULT = 500;

  @Override
  public AggregatedHttpResponse render(Problem problem, String instance) {
    Value param =
        problem.violations().isEmpty()
            ? Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build()
            : Value.newBuilder().setStringValue(problem.violations().getFirst().field()).build();
    OpenAiErrorBody body =
        OpenAiErrorBody.newBuilder()
            .setMessage(problem.detail())
            .setType(type(problem.status()))
            .setParam(param)
            .setCode(problem.reason().toLowerCase(Locale.ROOT))
            .build();
    return AggregatedHttpResponse.of(
        problem.headers(mediaType()),
        HttpData.ofUtf8(JsonText.full(OpenAiError.newBuilder().setError(body).build())));
  }

  @Override
  public String mediaType() {
    return "application/json";
  }

  @Override
  public Descriptor schema() {
    return OpenAiError.getDescriptor();
  }

  private static String type(int status) {
    if (status == TOO_MANY_REQUESTS) {
      return "rate_limit_error";
    }
    return status >= SERVER_FAULT ? "server_error" : "invalid_request_error";
  }

  @Override
  public String name(String field) {
    return switch (field) {
      case "width", "height" -> "size";
      case "num_inference_steps" -> "steps";
      case "guidance_scale" -> "guidance";
      case "num_images" -> "n";
      case "mask_image" -> "mask";
      case "image_reference" -> "image[1]";
      default -> field.startsWith("images") ? "image" + field.substring("images".length()) : field;
    };
  }
}

package dev.fluxgate.gateway.http.route;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A request that has found its route.
 *
 * @param context of the request
 * @param request with its whole body
 * @param parts the variable parts of the path
 */
public record Call(
    ServiceRequestContext context, AggregatedHttpRequest request, Map<String, String> parts) {

  /** A variable part of the path. */
  public String part(String name) {
    return Objects.requireNonNull(parts.get(name), name);
  }

  /** A header, if it is there. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.headers().get(name));
  }

  /** A query parameter, if it is there. */
  public Optional<String> query(String name) {
    return Optional.ofNullable(queries().get(name));
  }

  /** All query parameters. */
  public QueryParams queries() {
    return context.queryParams();
  }

  /** A query parameter that says yes or no; absent is no. */
  public boolean flag(String name) {
    String value = query(name).orElse("false");
    return switch (value) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw HttpFailureException.invalid(name, value, "true or false");
    };
  }

  /** A query parameter that is a whole number; {@code absent} if it is not there. */
  public int number(String name, int absent) {
    String value = query(name).orElse(null);
    if (value == null) {
      return absent;
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw HttpFailureException.invalid(name, value, "a whole number");
    }
  }

  /**
   * The body, read into {@code message}.
   *
   * @throws HttpFailureException if it is no object of JSON in UTF-8, or a field is unknown or of
   *     another type
   */
  public <B extends Message.Builder> B body(B message) {
    JsonBody.read(request, message);
    return message;
  }

  /**
   * The body as a form: files under these names, in order, and all else read into {@code message}.
   *
   * @throws HttpFailureException if it is no form, or a field is unknown or of another type
   */
  public List<FormFile> form(Set<String> files, Message.Builder message) {
    return FormBody.read(request, files, message, context.eventLoop().withoutContext());
  }
}

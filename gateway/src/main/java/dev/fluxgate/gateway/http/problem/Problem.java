package dev.fluxgate.gateway.http.problem;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.InvalidFieldException.Violation;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why a call over HTTP was refused.
 *
 * @param status of HTTP
 * @param reason machine-readable, UPPER_SNAKE_CASE, the same as over gRPC
 * @param detail one line for people
 * @param violations fields at fault; empty unless the request was
 * @param retryAfter when trying again makes sense; null where it does not
 * @param headers more of the answer, by name
 */
public record Problem(
    int status,
    String reason,
    String detail,
    List<Violation> violations,
    @Nullable Duration retryAfter,
    Map<String, String> headers) {
  private static final int MAX_DETAIL_CHARS = 1000;

  /** Copies the collections, and keeps the detail to one line of bounded length. */
  public Problem {
    violations = List.copyOf(violations);
    headers = Map.copyOf(headers);
    detail = detail.replaceAll("\\p{Cntrl}+", " ");
    if (detail.length() > MAX_DETAIL_CHARS) {
      detail = detail.substring(0, MAX_DETAIL_CHARS) + "…";
    }
  }

  /** A problem of HTTP itself. */
  public static Problem of(int status, String reason, String detail) {
    return new Problem(status, reason, detail, List.of(), null, Map.of());
  }

  /** What a failed call over gRPC is over HTTP. */
  public static Problem of(Failure failure) {
    return new Problem(
        failure.httpStatus(),
        failure.reason(),
        failure.message(),
        failure.violations(),
        failure.retryAfter(),
        Map.of());
  }

  /** The same with one more header. */
  public Problem with(String header, String value) {
    return new Problem(status, reason, detail, violations, retryAfter, Map.of(header, value));
  }

  /** A field that says what cannot be. */
  public static Problem invalid(List<Violation> violations) {
    return new Problem(400, "INVALID_FIELD", line(violations), violations, null, Map.of());
  }

  private static String line(List<Violation> violations) {
    return violations.stream().map(Violation::description).collect(Collectors.joining("; "));
  }

  /**
   * The same where fields are called as the caller knows them, in {@code violations} and in {@code
   * detail}.
   *
   * @param name the caller's name of a field of the protocol
   */
  public Problem renamed(UnaryOperator<String> name) {
    if (violations.isEmpty()) {
      return this;
    }
    List<Violation> renamed =
        violations.stream().map(violation -> renamed(violation, name)).toList();
    return new Problem(status, reason, line(renamed), renamed, retryAfter, headers);
  }

  private static Violation renamed(Violation violation, UnaryOperator<String> name) {
    String theirs = violation.field().substring(violation.field().lastIndexOf('.') + 1);
    String known = name.apply(theirs);
    String description = violation.description();
    return new Violation(
        known,
        description.startsWith(theirs + ":")
            ? known + description.substring(theirs.length())
            : description);
  }

  /** Names the kind of problem. */
  public String type() {
    return "urn:fluxgate:problem:" + reason.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind of problem in words. */
  public String title() {
    String words = reason.toLowerCase(Locale.ROOT).replace('_', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  /** The head of the answer. */
  public ResponseHeaders headers(String mediaType) {
    ResponseHeadersBuilder head =
        ResponseHeaders.builder(status)
            .set(HttpHeaderNames.CONTENT_TYPE, mediaType)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    headers.forEach(head::set);
    if (retryAfter != null) {
      // The header knows whole seconds alone; earlier than told would be refused again.
      long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
      head.set(HttpHeaderNames.RETRY_AFTER, Long.toString(seconds));
    }
    return head.build();
  }
}

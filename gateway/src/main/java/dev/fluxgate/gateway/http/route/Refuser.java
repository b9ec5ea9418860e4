package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.CancellationException;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.problem.Problem;
import dev.fluxgate.gateway.http.problem.Refusals;
import dev.fluxgate.serving.StatusMapping;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions → refusals, through the status table that gRPC uses as well. What the server refuses
 * by itself, before a route was found, looks the same.
 */
public final class Refuser implements ServerErrorHandler {
  private static final int TOO_LARGE = 413;

  private final RouteTable table;
  private final StatusMapping mapping;

  /** Refuses with what {@code mapping} says, in the shape of the route. */
  public Refuser(RouteTable table, StatusMapping mapping) {
    this.table = table;
    this.mapping = mapping;
  }

  /** The answer to a call at {@code path} that ended with {@code thrown}. */
  public HttpResponse refuse(String path, Throwable thrown) {
    Refusals shape = table.refusals(path);
    return shape.render(problem(thrown, shape), path).toHttpResponse();
  }

  @Override
  public HttpResponse onServiceException(ServiceRequestContext context, Throwable thrown) {
    return refuse(context.path(), thrown);
  }

  @Override
  public AggregatedHttpResponse onProtocolViolation(
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    return refuse(config, headers, status, description);
  }

  @Override
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    return refuse(config, headers, status, description);
  }

  private AggregatedHttpResponse refuse(
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description) {
    String path = headers == null ? "" : headers.path();
    Problem problem =
        status.code() == TOO_LARGE
            ? tooLarge(config.maxRequestLength())
            : problem(status, description);
    return table.refusals(path).render(problem, path);
  }

  private static Problem tooLarge(long most) {
    return Problem.of(
        TOO_LARGE,
        "BODY_TOO_LARGE",
        "body: more than " + most + " bytes (expected: at most " + most + ")");
  }

  private Problem problem(Throwable thrown, Refusals shape) {
    Throwable cause = unwrap(thrown);
    return switch (cause) {
      case HttpFailureException e -> e.problem();
      case HttpStatusException e -> problem(e.httpStatus(), null);
      case ContentTooLargeException e -> tooLarge(e.maxContentLength());
      case RequestTimeoutException _ ->
          Problem.of(503, "TIMEOUT", "request: no answer in time (expected: sooner)");
      // Nobody is left to hear it, and it is no fault of ours that belongs in the log.
      case CancellationException _, ClosedStreamException _ ->
          Problem.of(499, "CANCELLED", "request: given up before it was answered");
      default -> Problem.of(mapping.failure(cause)).renamed(shape::name);
    };
  }

  /** What lies inside; the server wraps a body that is too large in a bare status. */
  private static Throwable unwrap(Throwable thrown) {
    Throwable cause = thrown.getCause();
    return cause != null
            && (thrown instanceof CompletionException || thrown instanceof HttpStatusException)
        ? cause
        : thrown;
  }

  private static Problem problem(HttpStatus status, @Nullable String description) {
    String phrase = status.reasonPhrase();
    return Problem.of(
        status.code(),
        phrase.toUpperCase(Locale.ROOT).replaceAll("[^A-Z]+", "_"),
        description == null ? phrase : description);
  }
}

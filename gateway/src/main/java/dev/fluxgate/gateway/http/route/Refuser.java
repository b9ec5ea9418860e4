package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.RequestTimeoutException;
import dev.fluxgate.serving.StatusMapping;
import java.util.concurrent.CompletionException;

/** Exceptions → refusals, through the status table that gRPC uses as well. */
public final class Refuser {
  private final RouteTable table;
  private final StatusMapping mapping;

  /** Refuses with what {@code mapping} says, in the shape of the route. */
  public Refuser(RouteTable table, StatusMapping mapping) {
    this.table = table;
    this.mapping = mapping;
  }

  /** The answer to a call at {@code path} that ended with {@code thrown}. */
  public HttpResponse refuse(String path, Throwable thrown) {
    return refuse(path, problem(thrown));
  }

  /** The answer to a call at {@code path} that {@code problem} stopped. */
  public HttpResponse refuse(String path, Problem problem) {
    return table.refusals(path).render(problem, path);
  }

  private Problem problem(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return switch (cause) {
      case HttpFailureException e -> e.problem();
      case ContentTooLargeException e ->
          Problem.of(
              413,
              "BODY_TOO_LARGE",
              "body: more than "
                  + e.maxContentLength()
                  + " bytes (expected: at most "
                  + e.maxContentLength()
                  + ")");
      case RequestTimeoutException _ ->
          Problem.of(503, "TIMEOUT", "request: not answered in time (expected: sooner)");
      default -> Problem.of(mapping.failure(cause));
    };
  }
}

package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request and answers it, away from the event loop. Thread boundary of the
 * HTTP front: whatever a handler throws becomes a refusal.
 */
public final class RouteService implements HttpService {
  private final RouteTable table;
  private final Refuser refuser;
  private final Observer observer;

  /** Is told how calls ended. */
  @FunctionalInterface
  public interface Observer {
    /**
     * A call is over.
     *
     * @param route its template; "other" where there is none
     * @param status of HTTP; 0 if there was none
     * @param nanos it took
     */
    void ended(String method, String route, int status, long nanos);
  }

  /** Serves the routes of {@code table}. */
  public RouteService(RouteTable table, Refuser refuser, Observer observer) {
    this.table = table;
    this.refuser = refuser;
    this.observer = observer;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    RouteTable.Match match;
    try {
      match = table.match(request.method(), context.path());
    } catch (HttpFailureException e) {
      observe(context, "other");
      return refuser.refuse(context.path(), e);
    }
    observe(context, match.route().path().toString());
    return HttpResponse.of(
        request
            .aggregate()
            .handleAsync(
                (whole, thrown) -> answer(context, match, whole, thrown),
                context.blockingTaskExecutor()));
  }

  // The boundary of the thread: what is not caught here would be answered without a body.
  @SuppressWarnings("checkstyle:IllegalCatch")
  private HttpResponse answer(
      ServiceRequestContext context,
      RouteTable.Match match,
      @Nullable AggregatedHttpRequest whole,
      @Nullable Throwable unread) {
    try {
      if (whole == null) {
        throw new CompletionException(unread);
      }
      Call call = new Call(context, whole, match.parts());
      checkQuery(call, match.route().operation());
      return match.route().handler().answer(call);
    } catch (RuntimeException | Error e) {
      return refuser.refuse(context.path(), e);
    }
  }

  private static void checkQuery(Call call, Operation operation) {
    for (String name : call.queries().names()) {
      if (!operation.queryNames().contains(name)) {
        String known = String.join(", ", operation.queryNames());
        throw HttpFailureException.invalid(
            "?" + name, "unknown", known.isEmpty() ? "no query" : "one of " + known);
      }
    }
  }

  private void observe(ServiceRequestContext context, String route) {
    var _ =
        context
            .log()
            .whenComplete()
            .thenAccept(log ->
                observer.ended(
                    log.requestHeaders().method().name(),
                    route,
                    log.responseHeaders().status().code(),
                    log.totalDurationNanos()));
  }
}

package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.HttpMethod;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.problem.Problem;
import dev.fluxgate.gateway.http.problem.Refusals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Which route a request takes. */
public final class RouteTable {
  private final List<Route> routes;

  /** The table of these routes. */
  public RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /**
   * A route that was found.
   *
   * @param parts the variable parts of the path
   */
  public record Match(Route route, Map<String, String> parts) {}

  /** All routes, in the order they were given. */
  public List<Route> routes() {
    return routes;
  }

  /**
   * The route of a request.
   *
   * @throws HttpFailureException if there is nothing at this path, or not for this method
   */
  public Match match(HttpMethod method, String path) {
    List<String> allowed = new ArrayList<>();
    HttpMethod wanted = method == HttpMethod.HEAD ? HttpMethod.GET : method;
    for (Route route : routes) {
      var parts = route.path().match(path);
      if (parts.isPresent()) {
        if (route.method() == wanted) {
          return new Match(route, parts.get());
        }
        allowed.add(route.method().name());
      }
    }
    if (allowed.isEmpty()) {
      throw new HttpFailureException(
          404, "ROUTE_NOT_FOUND", "path: " + path + " (expected: one of those in /openapi.json)");
    }
    if (allowed.contains(HttpMethod.GET.name())) {
      allowed.add(HttpMethod.HEAD.name());
    }
    String allow = String.join(", ", new TreeSet<>(allowed));
    throw new HttpFailureException(
        Problem.of(405, "METHOD_NOT_ALLOWED", "method: " + method + " (expected: " + allow + ")")
            .with("allow", allow));
  }

  /** How refusals look at a path, whatever the method. */
  public Refusals refusals(String path) {
    return routes.stream()
        .filter(route -> route.path().match(path).isPresent())
        .map(Route::refusals)
        .findFirst()
        .orElse(Refusals.PROBLEM);
  }
}

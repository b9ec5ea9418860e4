package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what a page of another origin sends. Browsers tell the origin; without this any page that
 * is open in one could spend the cards of a gateway on loopback.
 */
public final class SameOrigin implements DecoratingHttpServiceFunction {
  private final Refuser refuser;

  /** Refuses through {@code refuser}. */
  public SameOrigin(Refuser refuser) {
    this.refuser = refuser;
  }

  @Override
  public HttpResponse serve(HttpService next, ServiceRequestContext context, HttpRequest request)
      throws Exception {
    String origin = request.headers().get("origin");
    boolean changes = request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD;
    if (origin == null || !changes || isOurs(origin, request.authority())) {
      return next.serve(context, request);
    }
    return refuser.refuse(
        context.path(),
        new HttpFailureException(
            403,
            "OTHER_ORIGIN",
            "origin: " + origin + " (expected: that of " + request.authority() + ", or none)"));
  }

  private static boolean isOurs(String origin, @Nullable String authority) {
    return origin.equals("http://" + authority) || origin.equals("https://" + authority);
  }
}

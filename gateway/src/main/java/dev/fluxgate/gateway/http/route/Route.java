package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.problem.Refusals;

/**
 * One thing that can be asked for over HTTP.
 *
 * @param method GET answers HEAD as well
 * @param path where
 * @param operation what for
 * @param refusals how refusals look
 * @param handler answers
 */
public record Route(
    HttpMethod method, PathTemplate path, Operation operation, Refusals refusals, Handler handler) {

  /** Answers a call; runs on a thread that may block. */
  @FunctionalInterface
  public interface Handler {
    /**
     * The answer, or an exception that the status table or {@link HttpFailureException} explains.
     */
    HttpResponse answer(Call call);
  }

  /** A route of GET. */
  public static Route get(String path, Operation operation, Handler handler) {
    return new Route(HttpMethod.GET, new PathTemplate(path), operation, Refusals.PROBLEM, handler);
  }

  /** A route of POST. */
  public static Route post(String path, Operation operation, Handler handler) {
    return new Route(HttpMethod.POST, new PathTemplate(path), operation, Refusals.PROBLEM, handler);
  }

  /** The same where refusals look otherwise. */
  public Route refusing(Refusals shape) {
    return new Route(method, path, operation, shape, handler);
  }
}

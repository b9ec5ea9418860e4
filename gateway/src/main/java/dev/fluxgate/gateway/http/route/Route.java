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
 * @param maxBodyBytes longest body taken; 0: as long as anywhere
 */
public record Route(
    HttpMethod method,
    PathTemplate path,
    Operation operation,
    Refusals refusals,
    Handler handler,
    long maxBodyBytes) {

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
    return new Route(
        HttpMethod.GET, new PathTemplate(path), operation, Refusals.PROBLEM, handler, 0);
  }

  /** A route of POST. */
  public static Route post(String path, Operation operation, Handler handler) {
    return new Route(
        HttpMethod.POST, new PathTemplate(path), operation, Refusals.PROBLEM, handler, 0);
  }

  /** The same where refusals look otherwise. */
  public Route refusing(Refusals shape) {
    return new Route(method, path, operation, shape, handler, maxBodyBytes);
  }

  /** The same with longer bodies. */
  public Route taking(long bytes) {
    return new Route(method, path, operation, refusals, handler, bytes);
  }
}

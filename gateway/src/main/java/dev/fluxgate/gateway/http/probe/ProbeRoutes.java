package dev.fluxgate.gateway.http.probe;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.generate.ModelStatus;
import dev.fluxgate.gateway.http.json.JsonText;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.problem.Problem;
import dev.fluxgate.gateway.http.route.Operation;
import dev.fluxgate.gateway.http.route.Operation.Answer;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.metric.GatewayMetrics;
import dev.fluxgate.v1.RestStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Liveness, readiness and metrics. */
public final class ProbeRoutes {
  private static final Duration RETRY_SOON = Duration.ofSeconds(2);

  private final ImageGeneration generation;
  private final GatewayMetrics metrics;

  /** Routes to the health of {@code generation} and to {@code metrics}. */
  public ProbeRoutes(ImageGeneration generation, GatewayMetrics metrics) {
    this.generation = generation;
    this.metrics = metrics;
  }

  /** The routes. */
  public List<Route> routes() {
    return List.of(
        Route.get(
            "/healthz",
            Operation.of("health", "Whether the process is alive.")
                .answer(200, RestStatus.getDescriptor(), "It is."),
            _ -> status("ok")),
        Route.get(
            "/readyz",
            Operation.of("ready", "Whether a job can run now.")
                .answer(200, RestStatus.getDescriptor(), "A worker and its encoder are there."),
            _ -> ready()),
        Route.get(
            "/metrics",
            Operation.of("metrics", "Counters and gauges for Prometheus.")
                .answer(new Answer(200, GatewayMetrics.MEDIA_TYPE, null, "The text format.")),
            _ -> metrics()));
  }

  private static HttpResponse status(String word) {
    return JsonText.response(200, RestStatus.newBuilder().setStatus(word).build());
  }

  private HttpResponse ready() {
    List<ModelStatus> models = generation.models();
    if (models.stream().anyMatch(ModelStatus::ready)) {
      return status("ready");
    }
    String why =
        models.isEmpty()
            ? "workers: none has attached (expected: at least one denoiser worker)"
            : models.stream().map(ProbeRoutes::reason).collect(Collectors.joining("; "));
    throw new HttpFailureException(
        new Problem(503, "NOT_READY", why, List.of(), RETRY_SOON, Map.of()));
  }

  private static String reason(ModelStatus status) {
    String name = "model " + status.model().name() + ": ";
    return status.workers() == 0
        ? name + "no worker attached (expected: at least one)"
        : name + "no encoder answers (expected: one for " + status.model().textEncoder() + ")";
  }

  private HttpResponse metrics() {
    return JsonText.response(
        ResponseHeaders.builder(200)
            .set(HttpHeaderNames.CONTENT_TYPE, GatewayMetrics.MEDIA_TYPE)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
            .build(),
        metrics.scrape());
  }
}

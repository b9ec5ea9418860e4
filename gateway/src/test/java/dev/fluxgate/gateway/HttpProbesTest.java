package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fluxgate.v1.JobState;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Liveness, readiness, metrics and the OpenAPI document. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpProbesTest {
  private static final ByteString PNG = TestPng.of(64, 32, 1000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final HttpUser user = new HttpUser(gateway);

  @AfterEach
  void close() {
    user.close();
    gateway.close();
  }

  @Test
  void isAliveAtOnceAndReadyWithAWorkerAndItsEncoder() throws Exception {
    assertThat(user.get("/healthz").statusCode()).isEqualTo(200);
    HttpResponse<String> early = user.get("/readyz");
    assertThat(early.statusCode()).isEqualTo(503);
    assertThat(HttpUser.json(early).path("reason").asText()).isEqualTo("NOT_READY");
    assertThat(HttpUser.json(early).path("detail").asText()).startsWith("workers: none has attach");
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      // The pool has asked the encoder by the time a job was drawn.
      String id = gateway.create("", "a cat").getId();
      worker.finish(worker.nextAssign(), PNG);
      gateway.await(id, JobState.JOB_STATE_SUCCEEDED);
      assertThat(user.get("/readyz").statusCode()).isEqualTo(200);
    }
    await("model toy: no worker attached (expected: at least one)");
  }

  /** Asks until it is not ready for this reason; the time limit of the test ends it. */
  private void await(String detail) throws Exception {
    String told = "";
    while (!told.equals(detail)) {
      told = HttpUser.json(user.get("/readyz")).path("detail").asText();
    }
  }

  @Test
  void countsWhatHappens() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      for (int i = 0; i < 2; i++) {
        String id = gateway.create("", "the secret of the cat").getId();
        worker.finish(worker.nextAssign(), PNG);
        gateway.await(id, JobState.JOB_STATE_SUCCEEDED);
        worker.credit(1);
      }
      user.get("/nothing/here");
      HttpResponse<String> metrics =
          scrape("fluxgate_job_decode_seconds_count 2", "route=\"other\",status=\"404\"");

      assertThat(metrics.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
      assertThat(metrics.body().lines())
          .contains(
              "fluxgate_embedding_cache_hits_total 1.0",
              "fluxgate_embedding_cache_misses_total 1.0",
              "fluxgate_jobs_accepted_total 2.0",
              "fluxgate_jobs_ended_total{state=\"succeeded\"} 2.0",
              "fluxgate_jobs_ended_total{state=\"failed\"} 0.0",
              "fluxgate_queue_jobs 0.0",
              "fluxgate_workers_attached{model=\"toy\"} 1.0",
              "fluxgate_lease_expired_total 0.0",
              "fluxgate_admission_rejected_total 0.0",
              "fluxgate_sse_readers 0.0",
              "fluxgate_job_denoise_seconds_count 2",
              "fluxgate_job_encode_seconds_count 2")
          .anyMatch(line -> line.startsWith("fluxgate_embedding_cache_bytes "))
          .anyMatch(line -> line.startsWith("fluxgate_job_wait_seconds_bucket{le=\"0.01\"}"))
          .anyMatch(line -> line.startsWith("fluxgate_job_decode_seconds_sum "))
          .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
          .anyMatch(line ->
              line.startsWith("fluxgate_http_request_seconds_count{")
                  && line.contains("route=\"other\",status=\"404\""))
          .noneMatch(line -> line.contains("secret") || line.contains("local"));
    }
  }

  /** Asks until both are told: what happens is counted behind it. The time limit ends it. */
  private HttpResponse<String> scrape(String first, String second) throws Exception {
    HttpResponse<String> metrics = user.get("/metrics");
    while (!metrics.body().contains(first) || !metrics.body().contains(second)) {
      metrics = user.get("/metrics");
    }
    return metrics;
  }

  @Test
  void describesEveryRouteAndNothingThatIsNotThere() throws Exception {
    JsonNode document = HttpUser.json(user.get("/openapi.json"));
    assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
    assertThat(document.path("paths").properties().stream().map(java.util.Map.Entry::getKey))
        .containsExactlyInAnyOrder(
            "/v1/jobs",
            "/v1/jobs/{id}",
            "/v1/jobs/{id}:cancel",
            "/v1/jobs/{id}/events",
            "/v1/jobs/{id}/images/{n}",
            "/v1/inputs",
            "/v1/models",
            "/v1/models/{id}",
            "/v1/images/generations",
            "/v1/images/edits",
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json");
    assertThat(document.findValuesAsText("operationId")).hasSize(15).doesNotHaveDuplicates();
    List<String> references = document.findValuesAsText("$ref");
    assertThat(references)
        .isNotEmpty()
        .allSatisfy(reference ->
            assertThat(document.at(reference.substring(1)).isObject()).as(reference).isTrue());
    JsonNode request = document.at("/components/schemas/JobRequest");
    assertThat(request.path("properties").path("seed").path("description").asText())
        .startsWith("Seed of the initial noise; 0 is a seed.");
    assertThat(request.path("additionalProperties").asBoolean(true)).isFalse();
    JsonNode form =
        document
            .path("paths")
            .path("/v1/images/edits")
            .at("/post/requestBody/content")
            .path("multipart/form-data")
            .path("schema");
    assertThat(form.at("/properties/image/items/format").asText()).isEqualTo("binary");
    assertThat(form.at("/properties/mask/format").asText()).isEqualTo("binary");
    assertThat(form.at("/properties/prompt/type").asText()).isEqualTo("string");
    assertThat(form.path("required")).hasSize(1);
    document
        .path("paths")
        .properties()
        .forEach(path -> path.getValue().forEach(operation -> describes(path.getKey(), operation)));
  }

  /** Checks that the parts of the path are parameters, and that success and refusal are told. */
  private static void describes(String path, JsonNode operation) {
    List<String> parts = new ArrayList<>();
    operation
        .path("parameters")
        .forEach(parameter -> {
          if (parameter.path("in").asText().equals("path")) {
            assertThat(parameter.path("required").asBoolean()).isTrue();
            parts.add("{" + parameter.path("name").asText() + "}");
          }
        });
    assertThat(parts).allSatisfy(part -> assertThat(path).contains(part));
    assertThat(path.chars().filter(c -> c == '{').count()).isEqualTo(parts.size());
    assertThat(operation.path("responses").has("default")).isTrue();
    assertThat(operation.path("responses").size()).isGreaterThan(1);
    assertThat(operation.path("summary").asText()).isNotEmpty();
  }

  @Test
  void describesTheFieldsThatItAnswers() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      JsonNode document = HttpUser.json(user.get("/openapi.json"));
      JsonNode job = HttpUser.json(user.post("/v1/jobs", "{\"prompt\":\"a cat\"}"));

      JsonNode properties = document.at("/components/schemas/Job/properties");
      job.properties()
          .forEach(field -> assertThat(properties.has(field.getKey())).as(field.getKey()).isTrue());
      assertThat(properties.path("seed").path("type").asText()).isEqualTo("string");
      assertThat(properties.path("sequence").path("type").asText()).isEqualTo("integer");
      assertThat(job.path("sequence").isInt()).isTrue();
    }
  }
}

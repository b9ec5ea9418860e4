package dev.fluxgate.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a gateway answers to what it cannot do, over HTTP. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpErrorsTest {
  private static GatewayFixture gateway;
  private static HttpUser user;

  @BeforeAll
  static void start() throws Exception {
    gateway = new GatewayFixture();
    user = new HttpUser(gateway);
    FakeWorker.attached(gateway.port(), "w", List.of());
  }

  @AfterAll
  static void close() {
    user.close();
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\":\"p\",\"widht\":64} | INVALID_FIELD | widht: unknown (expected: one of prompt,",
        "{\"prompt\":\"p\",\"width\":\"wide\"} | INVALID_FIELD | width: \"wide\" (expected: a whole",
        "{\"prompt\":\"p\",\"width\":1.5} | INVALID_FIELD | width: 1.5 (expected: a whole number of",
        "{\"prompt\":\"p\",\"width\":17} | INVALID_FIELD | width: 17 (expected: a multiple of 16;",
        "{\"prompt\":\"p\",\"seed\":1e30} | INVALID_FIELD | seed: 1.0E30 (expected: a whole number",
        "{\"prompt\":5} | INVALID_FIELD | prompt: 5 (expected: a string)",
        "{\"prompt\":\"p\",\"roundSize\":\"true\"} | INVALID_FIELD | roundSize: \"true\" (expected: tr",
        "{\"prompt\":\"p\",\"numImages\":1,\"num_images\":1} | INVALID_FIELD | num_images: given twice",
        "{\"prompt\":\"p\",\"numInferenceSteps\":0} | INVALID_FIELD | numInferenceSteps: 0 (expected:",
        "{\"prompt\":\"p\",\"timeoutMillis\":0} | INVALID_FIELD | timeoutMillis: 0 ms (expected: abov",
        "{\"prompt\":\"p\",\"model\":\"sdxl\"} | INVALID_FIELD | model: sdxl (expected: toy)",
        "{\"prompt\":\"\\ud800\"} | INVALID_FIELD | prompt: half a surrogate pair (expected: Unicode",
        "{} | INVALID_FIELD | prompt: absent (expected: what the picture shows)",
        "{\"prompt\":\"p\",\"prompt\":\"q\"} | INVALID_JSON | Duplicate field 'prompt'",
        "{\"prompt\":\"p\"} {} | INVALID_JSON | Trailing token",
        "{'prompt':'p'} | INVALID_JSON | body: line 1, column 2: Unexpected character",
        "{\"prompt\": | INVALID_JSON | body: line 1",
        "[] | INVALID_JSON | body: ARRAY (expected: an object)",
        "`` | INVALID_JSON | body: empty (expected: an object)",
      })
  void refusesBodiesNamingWhatIsWrong(String body, String reason, String detail) throws Exception {
    HttpResponse<String> response = user.post("/v1/jobs", body);
    JsonNode problem = problem(response, 400, reason);

    assertThat(problem.path("detail").asText()).contains(detail);
    if (reason.equals("INVALID_FIELD")) {
      JsonNode violation = problem.path("violations").path(0);
      assertThat(detail).startsWith(violation.path("field").asText());
      assertThat(violation.path("description").asText()).contains(detail);
    }
  }

  /** Checks what all problems have in common. */
  private static JsonNode problem(HttpResponse<String> response, int status, String reason)
      throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
    JsonNode problem = HttpUser.json(response);
    assertThat(problem.path("reason").asText()).isEqualTo(reason);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("type").asText()).startsWith("urn:fluxgate:problem:");
    assertThat(problem.path("title").asText()).isNotEmpty();
    assertThat(problem.path("instance").asText()).isEqualTo(response.uri().getPath());
    assertThat(problem.path("detail").asText()).isNotEmpty().doesNotContain("\n");
    assertThat(response.body()).doesNotContain("Exception", "\tat ");
    return problem;
  }

  @Test
  void tellsAllThatIsWrongAtOnce() throws Exception {
    JsonNode problem =
        problem(
            user.post("/v1/jobs", "{\"prompt\":\"p\",\"width\":17,\"numImages\":0}"),
            400,
            "INVALID_FIELD");

    assertThat(problem.path("violations").findValuesAsText("field"))
        .containsExactly("width", "numImages");
  }

  @Test
  void readsJsonUnderTheTypeThatCurlSaysOfItself() throws Exception {
    HttpRequest curl =
        user.request("/v1/jobs", "content-type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("{\"promt\":\"p\"}"))
            .build();
    assertThat(problem(user.send(curl), 400, "INVALID_FIELD").path("detail").asText())
        .startsWith("promt: unknown");
    HttpRequest form =
        user.request("/v1/jobs", "content-type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("prompt=p"))
            .build();
    problem(user.send(form), 400, "INVALID_JSON");
  }

  @Test
  void refusesOtherMediaTypesAndBytesThatAreNoText() throws Exception {
    HttpRequest text =
        user.request("/v1/jobs", "content-type", "text/plain")
            .POST(BodyPublishers.ofString("{\"prompt\":\"p\"}"))
            .build();
    assertThat(problem(user.send(text), 415, "UNSUPPORTED_MEDIA_TYPE").path("detail").asText())
        .isEqualTo("content-type: text/plain (expected: application/json)");
    HttpRequest latin =
        user.request("/v1/jobs", "content-type", "application/json; charset=iso-8859-1")
            .POST(BodyPublishers.ofString("{\"prompt\":\"ü\"}", ISO_8859_1))
            .build();
    problem(user.send(latin), 415, "UNSUPPORTED_MEDIA_TYPE");
    HttpResponse<String> zipped =
        user.post("/v1/jobs", BodyPublishers.ofByteArray(new byte[9]), "content-encoding", "gzip");
    problem(zipped, 415, "UNSUPPORTED_MEDIA_TYPE");
    byte[] broken = "{\"prompt\":\"\u00fc\"}".getBytes(ISO_8859_1);
    JsonNode problem =
        problem(user.post("/v1/jobs", BodyPublishers.ofByteArray(broken)), 400, "INVALID_JSON");
    assertThat(problem.path("detail").asText())
        .isEqualTo("body: byte 11 is not UTF-8 (expected: JSON in UTF-8)");
  }

  @Test
  void refusesWhatIsTooLong() throws Exception {
    HttpResponse<String> body =
        user.post("/v1/jobs", "{\"prompt\":\"" + "x".repeat((4 << 20) + 1) + "\"}");
    assertThat(problem(body, 413, "BODY_TOO_LARGE").path("detail").asText())
        .isEqualTo("body: more than 4194304 bytes (expected: at most 4194304)");
    HttpResponse<String> prompt =
        user.post("/v1/jobs", "{\"prompt\":\"" + "x".repeat((1 << 20) + 1) + "\"}");
    assertThat(problem(prompt, 400, "INVALID_FIELD").path("detail").asText())
        .isEqualTo("prompt: 1048577 bytes of UTF-8 (expected: at most 1048576 bytes of UTF-8)");
    problem(user.post("/v1/jobs", "[".repeat(100_000)), 400, "INVALID_JSON");
    assertThat(user.get("/v1/jobs", "x-long", "x".repeat(20_000)).statusCode()).isEqualTo(431);
    HttpResponse<String> path = user.get("/" + "x".repeat(20_000));
    assertThat(path.statusCode()).isEqualTo(414);
    assertThat(HttpUser.json(path).path("status").asInt()).isEqualTo(414);
  }

  @Test
  void refusesPathsAndMethodsThatItHasNot() throws Exception {
    problem(user.get("/"), 404, "ROUTE_NOT_FOUND");
    problem(user.get("/v1/jobs/"), 404, "ROUTE_NOT_FOUND");
    assertThat(user.get("/v1/../../etc/passwd").statusCode()).isEqualTo(400);
    HttpResponse<String> wrong = user.send(user.request("/v1/jobs").DELETE().build());
    problem(wrong, 405, "METHOD_NOT_ALLOWED");
    assertThat(wrong.headers().firstValue("allow")).contains("GET, HEAD, POST");
    HttpResponse<String> get = user.get("/v1/jobs/x:cancel");
    assertThat(problem(get, 405, "METHOD_NOT_ALLOWED").path("detail").asText())
        .isEqualTo("method: GET (expected: POST)");
    HttpRequest head = user.request("/v1/jobs").HEAD().build();
    assertThat(user.send(head).statusCode()).isEqualTo(200);
    assertThat(user.send(head).body()).isEmpty();
  }

  @Test
  void refusesJobsAndPicturesThatItHasNot() throws Exception {
    problem(user.get("/v1/jobs/nobody"), 404, "JOB_NOT_FOUND");
    problem(user.get("/v1/jobs/nobody/events"), 404, "JOB_NOT_FOUND");
    problem(user.get("/v1/jobs/nobody/images/0"), 404, "JOB_NOT_FOUND");
    JsonNode job = HttpUser.json(user.post("/v1/jobs", "{\"prompt\":\"p\"}"));
    String images = "/v1/jobs/" + job.path("id").asText() + "/images/";
    problem(user.get(images + "0"), 409, "NO_IMAGES");
    problem(user.get(images + "-1"), 400, "INVALID_FIELD");
    problem(user.get(images + "99999999999"), 400, "INVALID_FIELD");
  }

  @Test
  void refusesPagesOfOtherOrigins() throws Exception {
    HttpResponse<String> other =
        user.post("/v1/jobs", "{\"prompt\":\"p\"}", "origin", "http://evil.example");
    problem(other, 403, "OTHER_ORIGIN");
    String own = "http://" + user.uri("/").getAuthority();
    assertThat(user.post("/v1/jobs", "{\"prompt\":\"p\"}", "origin", own).statusCode())
        .isEqualTo(202);
  }

  @Test
  void tellsWhenToComeBackIfTheQueueIsFull() throws Exception {
    try (GatewayFixture full = new GatewayFixture();
        HttpUser late = new HttpUser(full)) {
      problem(late.post("/v1/jobs", "{\"prompt\":\"p\"}"), 503, "NO_WORKER");
      FakeWorker.attached(full.port(), "w", List.of());
      for (int i = 0; i < GatewayFixture.MAX_QUEUED; i++) {
        assertThat(late.post("/v1/jobs", "{\"prompt\":\"p\"}").statusCode()).isEqualTo(202);
      }
      HttpResponse<String> refused = late.post("/v1/jobs", "{\"prompt\":\"p\"}");

      problem(refused, 429, "QUEUE_FULL");
      assertThat(refused.headers().firstValue("retry-after")).contains("1");
    }
  }

  @Test
  void answersBytesThatAreNoHttp() throws Exception {
    assertThat(raw("GET /healthz HTTP/9.9\r\n\r\n")).doesNotContain("<html", "\tat ");
    assertThat(raw("\u0016\u0003\u0001 hello\r\n\r\n")).doesNotContain("<html", "\tat ");
    String bad = raw("POST /v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n");
    assertThat(bad).startsWith("HTTP/1.1 400").contains("application/problem+json");
    assertThat(user.get("/healthz").statusCode()).isEqualTo(200);
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = user.connect(64 << 10)) {
      socket.getOutputStream().write(request.getBytes(UTF_8));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}

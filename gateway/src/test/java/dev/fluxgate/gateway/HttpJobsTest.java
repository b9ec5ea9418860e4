package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.NackReason;
import java.net.http.HttpResponse;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs, pictures and models over HTTP. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpJobsTest {
  private static final ByteString PNG = TestPng.of(64, 32, 700_000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final HttpUser user = new HttpUser(gateway);

  @AfterEach
  void close() {
    user.close();
    gateway.close();
  }

  @Test
  void turnsAPromptIntoAPicture() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      HttpResponse<String> accepted = user.post("/v1/jobs", "{\"prompt\":\"a cat\",\"seed\":0}");
      assertThat(accepted.statusCode()).isEqualTo(202);
      String id = HttpUser.json(accepted).path("id").asText();
      assertThat(accepted.headers().firstValue("location")).contains("/v1/jobs/" + id);
      assertThat(HttpUser.json(accepted).path("state").asText()).isEqualTo("QUEUED");
      Assign assign = worker.nextAssign();
      assertThat(assign.getParameters().getSeed()).isZero();
      worker.progress(assign.getLease(), 4);
      worker.finish(assign, PNG);
      gateway.await(id, dev.fluxgate.v1.JobState.JOB_STATE_SUCCEEDED);

      JsonNode job = HttpUser.json(user.get("/v1/jobs/" + id));
      assertThat(job.path("state").asText()).isEqualTo("SUCCEEDED");
      assertThat(job.path("stage").asText()).isEmpty();
      assertThat(job.path("prompt").asText()).isEqualTo("a cat");
      assertThat(job.path("width").asInt()).isEqualTo(64);
      assertThat(job.path("seed").asText()).isEqualTo("0");
      assertThat(job.path("step").asInt()).isEqualTo(4);
      assertThat(job.path("model").asText()).isEqualTo("toy");
      assertThat(job.path("modelHash").asText()).isEqualTo("denoiser-1");
      assertThat(job.path("timings").path("decodeMillis").asInt()).isEqualTo(6);
      assertThat(job.path("textEncoderOutLayers").path(0).asInt()).isEqualTo(1);
      assertThat(job.path("endTime").asText()).isNotEmpty();
      assertThat(job.has("error")).isFalse();
      JsonNode image = job.path("images").path(0);
      String hash = HexFormat.of().formatHex(ContentHash.of(PNG).toByteArray());
      assertThat(image.path("sha256").asText()).isEqualTo(hash);
      assertThat(image.path("byteSize").asInt()).isEqualTo(PNG.size());

      HttpResponse<byte[]> file = user.file(image.path("url").asText());
      assertThat(ByteString.copyFrom(file.body())).isEqualTo(PNG);
      assertThat(file.headers().firstValue("content-type")).contains("image/png");
      assertThat(file.headers().firstValue("content-disposition").orElse("")).contains(id);
      String tag = file.headers().firstValue("etag").orElseThrow();
      assertThat(tag).isEqualTo('"' + hash + '"');
      HttpResponse<String> again =
          user.get(image.path("url").asText(), "if-none-match", "\"other\", W/" + tag);
      assertThat(again.statusCode()).isEqualTo(304);
      assertThat(again.body()).isEmpty();
    }
  }

  @Test
  void readsBothSpellingsAndTellsEveryParameter() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String body =
          """
          {"prompt": "ü 🐈", "width": 128, "height": 64, "num_inference_steps": 3,
           "guidanceScale": 0.5, "seed": "9007199254740993", "numImages": 2,
           "max_sequence_length": 8, "textEncoderOutLayers": [1], "roundSize": true,
           "omitMetadata": true, "model": "toy", "previewInterval": 2, "timeoutMillis": 60000}
          """;
      JsonNode job = HttpUser.json(user.post("/v1/jobs", body));
      assertThat(worker.nextAssign().getParameters().getSeed()).isEqualTo(9007199254740993L);
      assertThat(job.path("prompt").asText()).isEqualTo("ü 🐈");
      assertThat(job.path("numInferenceSteps").asInt()).isEqualTo(3);
      assertThat(job.path("guidanceScale").asDouble()).isEqualTo(0.5);
      assertThat(job.path("seed").asText()).isEqualTo("9007199254740993");
      assertThat(job.path("numImages").asInt()).isEqualTo(2);
      assertThat(job.path("maxSequenceLength").asInt()).isEqualTo(8);
      assertThat(job.path("roundSize").asBoolean()).isTrue();
      assertThat(job.path("omitMetadata").asBoolean()).isTrue();
      assertThat(job.path("previewInterval").asInt()).isEqualTo(2);
    }
  }

  @Test
  void givesTheSameJobForTheSameKeyAndRefusesAnother() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      JsonNode first = HttpUser.json(post("k-1", "{\"prompt\":\"a cat\"}"));
      // Written otherwise, it is the same request.
      JsonNode second = HttpUser.json(post("k-1", "{ \"prompt\" : \"a c\\u0061t\" }"));
      assertThat(second.path("id")).isEqualTo(first.path("id"));
      assertThat(second.path("seed")).isEqualTo(first.path("seed"));

      HttpResponse<String> other = post("k-1", "{\"prompt\":\"a dog\"}");
      assertThat(other.statusCode()).isEqualTo(409);
      assertThat(HttpUser.json(other).path("reason").asText()).isEqualTo("REQUEST_ID_REUSED");
      assertThat(post("k".repeat(256), "{\"prompt\":\"a cat\"}").statusCode()).isEqualTo(400);
    }
  }

  private HttpResponse<String> post(String key, String body) throws Exception {
    return user.post("/v1/jobs", body, "idempotency-key", key);
  }

  @Test
  void cancelsAJob() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = create("a cat");
      Assign assign = worker.nextAssign();
      assertThat(user.post("/v1/jobs/" + id + ":cancel", "").statusCode()).isEqualTo(200);
      worker.next(MessageCase.CANCEL);
      worker.nack(assign.getLease(), NackReason.NACK_REASON_CANCELLED);
      gateway.await(id, dev.fluxgate.v1.JobState.JOB_STATE_CANCELLED);

      JsonNode job = HttpUser.json(user.get("/v1/jobs/" + id));
      assertThat(job.path("state").asText()).isEqualTo("CANCELLED");
      assertThat(user.get("/v1/jobs/" + id + "/images/0").statusCode()).isEqualTo(409);
      assertThat(user.post("/v1/jobs/nobody:cancel", "").statusCode()).isEqualTo(404);
    }
  }

  private String create(String prompt) throws Exception {
    HttpResponse<String> accepted = user.post("/v1/jobs", "{\"prompt\":\"" + prompt + "\"}");
    return HttpUser.json(accepted).path("id").asText();
  }

  @Test
  void listsPageByPageAndByState() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      String first = create("one");
      String second = create("two");
      String third = create("three");
      user.post("/v1/jobs/" + second + ":cancel", "");

      JsonNode page = HttpUser.json(user.get("/v1/jobs?pageSize=2"));
      assertThat(page.path("jobs").findValuesAsText("id")).containsExactly(third, second);
      String token = page.path("nextPageToken").asText();
      JsonNode rest = HttpUser.json(user.get("/v1/jobs?pageSize=2&pageToken=" + token));
      assertThat(rest.path("jobs").findValuesAsText("id")).containsExactly(first);
      assertThat(rest.path("nextPageToken").asText()).isEmpty();
      JsonNode cancelled = HttpUser.json(user.get("/v1/jobs?state=CANCELLED,FAILED"));
      assertThat(cancelled.path("jobs").findValuesAsText("id")).containsExactly(second);

      assertThat(reason(user.get("/v1/jobs?state=DONE"))).contains("state: DONE (expected: one of");
      assertThat(reason(user.get("/v1/jobs?pageSize=0"))).contains("pageSize: 0 (expected: 1..");
      assertThat(reason(user.get("/v1/jobs?pageSize=x"))).contains("pageSize: x");
      assertThat(reason(user.get("/v1/jobs?pageToken=x"))).contains("pageToken");
      assertThat(reason(user.get("/v1/jobs?size=3"))).contains("?size: unknown (expected: one of");
    }
  }

  private static String reason(HttpResponse<String> response) throws Exception {
    assertThat(response.statusCode()).isEqualTo(400);
    return HttpUser.json(response).path("detail").asText();
  }

  @Test
  void namesItsModels() throws Exception {
    assertThat(HttpUser.json(user.get("/v1/models")).path("data")).isEmpty();
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      JsonNode list = HttpUser.json(user.get("/v1/models"));
      assertThat(list.path("object").asText()).isEqualTo("list");
      JsonNode model = list.path("data").path(0);
      assertThat(model.path("id").asText()).isEqualTo("toy");
      assertThat(model.path("object").asText()).isEqualTo("model");
      assertThat(model.path("owned_by").asText()).isEqualTo("fluxgate");
      assertThat(model.path("created").isInt()).isTrue();
      assertThat(model.path("workers").asInt()).isEqualTo(1);
      assertThat(model.path("maxPixels").asInt()).isEqualTo(1 << 20);
      assertThat(HttpUser.json(user.get("/v1/models/toy"))).isEqualTo(model);
      HttpResponse<String> missing = user.get("/v1/models/dall-e-3");
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(HttpUser.json(missing).path("detail").asText())
          .isEqualTo("model: dall-e-3 (expected: toy)");
    }
  }
}

package dev.fluxgate.gateway;

import static dev.fluxgate.gateway.OpenAiUser.error;
import static dev.fluxgate.gateway.OpenAiUser.picture;
import static dev.fluxgate.gateway.OpenAiUser.pictures;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.NackReason;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's call for pictures. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpOpenAiTest {
  private static final ByteString PNG = TestPng.of(64, 32, 1000);

  @AutoClose private final OpenAiUser user = new OpenAiUser();
  private final GatewayFixture gateway = user.gateway;

  @Test
  void answersThePicturesInOrder() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      CompletableFuture<HttpResponse<String>> answer =
          user.generate(
              """
              {"prompt": "a cat", "model": "toy", "n": 2, "size": "64x32", "seed": 0, "steps": 3,
               "guidance": 0.5, "quality": "hd", "user": "me", "output_format": "png"}
              """);
      Assign assign = worker.nextAssign();
      assertThat(assign.getParameters().getNumInferenceSteps()).isEqualTo(3);
      assertThat(assign.getParameters().getGuidanceScale()).isEqualTo(0.5f);
      assertThat(assign.getParameters().getSeed()).isZero();
      ByteString second = TestPng.of(64, 32, 1001);
      worker.upload(
          assign.getLease(),
          ImageInfo.newBuilder(FakeWorker.info(second)).setIndex(1).build(),
          second,
          1 << 20);
      worker.finish(assign, PNG);

      JsonNode body = pictures(answer.get());
      assertThat(body.path("created").isIntegralNumber()).isTrue();
      assertThat(body.path("size").asText()).isEqualTo("64x32");
      assertThat(body.path("data")).hasSize(2);
      assertThat(picture(body, 0)).isEqualTo(PNG);
      assertThat(picture(body, 1)).isEqualTo(second);
      assertThat(body.path("data").path(0).has("url")).isFalse();
    }
  }

  @Test
  void answersPathsToWhoAsksForThem() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      CompletableFuture<HttpResponse<String>> answer =
          user.generate("{\"prompt\":\"a cat\",\"size\":\"auto\",\"response_format\":\"url\"}");
      worker.finish(worker.nextAssign(), PNG);

      JsonNode data = pictures(answer.get()).path("data").path(0);
      assertThat(data.has("b64_json")).isFalse();
      String url = data.path("url").asText();
      assertThat(url).startsWith(user.http.uri("/v1/jobs/").toString());
      assertThat(ByteString.copyFrom(user.http.file(URI.create(url).getPath()).body()))
          .isEqualTo(PNG);
    }
  }

  @Test
  void cancelsTheJobOfACallerWhoHangsUp() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      CompletableFuture<HttpResponse<String>> answer = user.generate("{\"prompt\":\"a cat\"}");
      Assign assign = worker.nextAssign();
      answer.cancel(true);

      assertThat(worker.next(MessageCase.CANCEL).getCancel().getLease())
          .isEqualTo(assign.getLease());
      worker.nack(assign.getLease(), NackReason.NACK_REASON_CANCELLED);
      gateway.await(assign.getLease().getJobId(), JobState.JOB_STATE_CANCELLED);
    }
  }

  @Test
  void saysWhyAJobHasFailed() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      CompletableFuture<HttpResponse<String>> answer = user.generate("{\"prompt\":\"a cat\"}");
      Assign assign = worker.nextAssign();
      worker.nack(assign.getLease(), NackReason.NACK_REASON_INVALID, "no such thing");

      JsonNode error = error(answer.get(), 500);
      assertThat(error.path("message").asText()).contains("no such thing");
      assertThat(error.path("type").asText()).isEqualTo("server_error");
      assertThat(error.path("code").asText()).isEqualTo("detail");
    }
  }

  @Test
  void tellsThatSomebodyElseCancelled() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      CompletableFuture<HttpResponse<String>> answer = user.generate("{\"prompt\":\"a cat\"}");
      String id = "";
      while (id.isEmpty()) {
        JsonNode jobs = HttpUser.json(user.http.get("/v1/jobs")).path("jobs");
        id = jobs.path(0).path("id").asText();
      }
      gateway.cancel(id);

      assertThat(error(answer.get(), 409).path("code").asText()).isEqualTo("cancelled");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt\":\"p\",\"size\":\"big\"} | size | size: big (expected: WIDTHxHEIGHT, or auto)",
        "{\"prompt\":\"p\",\"size\":\"17x64\"} | size | size: 17 (expected: a multiple of 16; nea",
        "{\"prompt\":\"p\",\"n\":11} | n | n: 11 (expected: 1..10)",
        "{\"prompt\":\"p\",\"steps\":0} | steps | steps: 0 (expected: 1..1000)",
        "{\"prompt\":\"p\",\"output_format\":\"gif\"} | output_format | output_format: gif (exp",
        "{\"prompt\":\"p\",\"background\":\"transparent\"} | background | background: transparent",
        "{\"prompt\":\"p\",\"stream\":true} | stream | stream: true (expected: false;",
        "{\"prompt\":\"p\",\"partial_images\":2} | partial_images | partial_images: 2 (expected: 0;",
        "{\"prompt\":\"p\",\"model\":\"dall-e-3\"} | model | model: dall-e-3 (expected: toy)",
        "{\"prompt\":\"p\",\"mask\":\"m\"} | mask | mask: unknown (expected: one of",
        "{\"model\":\"toy\"} | prompt | prompt: absent (expected: what the picture shows)",
      })
  void refusesWhatItCannotDoInTheShapeOfOpenAi(String body, String param, String message)
      throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      JsonNode error = error(user.generate(body).get(), 400);

      assertThat(error.path("param").asText()).isEqualTo(param);
      assertThat(error.path("message").asText()).startsWith(message);
      assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    }
  }

  @Test
  void refusesBeforeItReadsInTheSameShape() throws Exception {
    JsonNode error = error(user.http.get(OpenAiUser.GENERATIONS), 405);
    assertThat(error.path("param").isNull()).isTrue();
    assertThat(error(user.generate("{").get(), 400).path("code").asText())
        .isEqualTo("invalid_json");
    assertThat(error(user.generate("x".repeat((4 << 20) + 1)).get(), 413).path("code").asText())
        .isEqualTo("body_too_large");
    HttpResponse<String> none = user.generate("{\"prompt\":\"p\"}").get();
    assertThat(error(none, 503).path("code").asText()).isEqualTo("no_worker");
    assertThat(none.headers().firstValue("retry-after")).contains("2");
  }
}

package dev.fluxgate.gateway;

import static dev.fluxgate.gateway.OpenAiUser.error;
import static dev.fluxgate.gateway.OpenAiUser.picture;
import static dev.fluxgate.gateway.OpenAiUser.pictures;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** OpenAI's call for edits. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpOpenAiEditTest {
  private static final ByteString PNG = TestPng.of(64, 32, 1000);
  private static final ByteString FIRST = TestPng.of(48, 32, 3_000_000);
  private static final ByteString SECOND = TestPng.of(32, 32, 200);
  private static final ByteString MASK = TestPng.of(48, 32, 300);
  private static final List<String> INPAINTS = List.of("FluxPipeline", "FluxInpaintPipeline");

  @AutoClose private final OpenAiUser user = new OpenAiUser();
  private final GatewayFixture gateway = user.gateway;

  private static Form form() {
    return new Form().field("prompt", "make it blue");
  }

  @Test
  void drawsFromPicturesOfAnySizeAndAnswersAsGenerationsDo() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      CompletableFuture<HttpResponse<String>> answer =
          user.edit(
              form()
                  .file("image[]", FIRST)
                  .field("n", "1")
                  .field("seed", "7")
                  .field("steps", "3")
                  .field("guidance", "0.5")
                  .field("stream", "false")
                  .field("response_format", "b64_json")
                  .file("image[]", SECOND));
      Assign assign = worker.nextAssign();
      GenerationParameters parameters = assign.getParameters();
      worker.finish(assign, PNG);

      assertThat(parameters.getPrompt()).isEqualTo("make it blue");
      assertThat(parameters.getImagesList()).containsExactly(named(FIRST), named(SECOND));
      assertThat(parameters.getSeed()).isEqualTo(7);
      assertThat(parameters.getNumInferenceSteps()).isEqualTo(3);
      assertThat(parameters.getGuidanceScale()).isEqualTo(0.5f);
      assertThat(parameters.hasWidth()).isFalse();
      JsonNode body = pictures(answer.get());
      assertThat(body.path("size").asText()).isEqualTo("64x32");
      assertThat(picture(body, 0)).isEqualTo(PNG);
    }
  }

  private static InputImage named(ByteString file) {
    return InputImage.newBuilder().setSha256(ContentHash.of(file)).build();
  }

  @Test
  void paintsIntoTheFirstPictureWhereTheMaskIsTransparent() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w", INPAINTS)) {
      CompletableFuture<HttpResponse<String>> answer =
          user.edit(form().file("image", FIRST).file("image", SECOND).file("mask", MASK));
      Assign assign = worker.nextAssign();
      GenerationParameters parameters = assign.getParameters();

      assertThat(parameters.getImagesList()).containsExactly(named(FIRST));
      assertThat(parameters.getImageReference()).isEqualTo(named(SECOND));
      assertThat(parameters.getMaskImage()).isEqualTo(named(MASK));
      assertThat(parameters.getMaskByOpacity()).isTrue();
      worker.send(
          AttachRequest.newBuilder()
              .setNack(
                  Nack.newBuilder()
                      .setLease(assign.getLease())
                      .setReason(NackReason.NACK_REASON_INVALID)
                      .setDetail("INVALID_REQUEST")
                      .setMessage("mask_image: no alpha channel"))
              .build());
      assertThat(error(answer.get(), 400).path("message").asText()).contains("no alpha channel");
    }
  }

  private void refused(Form form, String param, String message) throws Exception {
    JsonNode error = error(user.edit(form).get(), 400);
    assertThat(error.path("message").asText()).isEqualTo(message);
    assertThat(error.path("param").asText()).isEqualTo(param);
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
  }

  @Test
  void refusesPicturesThatAreNone() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w", INPAINTS)) {
      ByteString gif = ByteString.copyFromUtf8("GIF89a");
      refused(form(), "image", "image: absent (expected: 1..10 pictures)");
      refused(
          form().file("image", SECOND).file("image[]", gif),
          "image[1]",
          "image[1]: unknown format (expected: PNG, JPEG or WebP)");
      refused(
          form().file("image", SECOND).file("mask", gif),
          "mask",
          "mask: unknown format (expected: PNG, JPEG or WebP)");
      refused(
          form().file("image", ByteString.EMPTY),
          "image[0]",
          "image[0]: 0 (expected: 1..67108864)");
      refused(
          form().file("image", TestPng.of(50_000, 50_000, 100)),
          "image[0]",
          "image[0]: 50000 x 50000 (expected: 1..67108864 pixels)");
    }
  }

  @Test
  void refusesTooManyFiles() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w")) {
      Form eleven = form();
      for (int i = 0; i < 11; i++) {
        eleven.file("image[]", SECOND);
      }
      refused(eleven, "image", "image: 11 pictures (expected: 1..10)");
      refused(
          form().file("image", FIRST).file("image", FIRST).file("image", FIRST).file("mask", MASK),
          "image",
          "image: 3 pictures (expected: 1..2 beside a mask)");
      refused(
          form().file("image", FIRST).file("mask", MASK).file("mask", MASK),
          "mask",
          "mask: 2 pictures (expected: one, or none)");
      refused(
          form().file("image", FIRST).file("mask", MASK),
          "mask",
          "mask: given (expected: none, since toy has FluxPipeline, FluxImg2ImgPipeline)");
    }
  }

  @Test
  void refusesFieldsThatCannotBe() throws Exception {
    Form image = new Form().file("image", SECOND);
    refused(image, "prompt", "prompt: absent (expected: what the picture shows)");
    refused(form().field("n", "11").file("image", SECOND), "n", "n: 11 (expected: 1..10)");
    refused(form().field("n", "x"), "n", "n: \"x\" (expected: a whole number of 32 bits)");
    refused(form().field("prompt", "q"), "prompt", "prompt: given twice (expected: once)");
    refused(
        form().part("content-disposition: form-data; name=\"user\"", ByteString.fromHex("ff")),
        "user",
        "user: not UTF-8 (expected: text in UTF-8)");
    refused(
        form().field("user", "x".repeat((1 << 20) + 1)),
        "user",
        "user: 1048577 bytes (expected: at most 1048576)");
    assertThat(error(user.edit(form().field("strength", "1")).get(), 400).path("message").asText())
        .startsWith("strength: unknown (expected: one of prompt, model, n, size, ");
  }

  @Test
  void refusesWhatIsNoForm() throws Exception {
    JsonNode json = error(user.http.post(OpenAiUser.EDITS, "{\"prompt\":\"p\"}"), 415);
    assertThat(json.path("message").asText())
        .isEqualTo(
            "content-type: application/json (expected: multipart/form-data with a boundary of"
                + " 1..70 characters)");
    HttpRequest.Builder noBoundary =
        user.http
            .request(OpenAiUser.EDITS, "content-type", "multipart/form-data")
            .POST(BodyPublishers.ofString("x"));
    error(user.http.send(noBoundary.build()), 415);

    HttpResponse<String> cut =
        user.http.send(form().postCutShort(user.http.request(OpenAiUser.EDITS)));
    assertThat(error(cut, 400).path("code").asText()).isEqualTo("invalid_form");
    HttpResponse<String> nameless =
        user.edit(form().part("content-type: text/plain", ByteString.EMPTY)).get();
    assertThat(error(nameless, 400).path("message").asText())
        .startsWith("body: a part without a name");
  }

  @Test
  void refusesTooManyPartsAndTooManyBytes() throws Exception {
    Form many = form();
    for (int i = 0; i < 64; i++) {
      many.field("user" + i, "");
    }
    assertThat(error(user.edit(many).get(), 400).path("message").asText())
        .isEqualTo("body: more than 64 parts (expected: at most so many)");
    ByteString large = ByteString.copyFrom(new byte[(64 << 20) + 1]);
    assertThat(error(user.edit(form().file("image", large)).get(), 413).path("code").asText())
        .isEqualTo("body_too_large");
  }
}

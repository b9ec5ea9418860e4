package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a worker has no memory or no pipeline for is refused before it is a job. */
class AdmissionTest {
  private static final int TEN = 10;

  /** A gateway takes it for consent if its worker is silent too long: it is asked again, then. */
  private static final int TRIES = 10;

  /** Pixels of a tile's side, fewer than those of a picture. */
  private static final int TILE = 64;

  private static final Pattern NEED =
      Pattern.compile(
          "parameters: (\\d+) bytes of activations \\(expected: at most (\\d+) bytes, which is what"
              + " the worker has\\)");

  private static SplitSystem start(PipelineCase golden, long activationBytes)
      throws IOException, InterruptedException {
    return SplitSystem.withMemory(golden.model(), activationBytes);
  }

  @Test
  void countsReferencesAndTellsBothNumbersOverGrpcAndRest() throws Exception {
    PipelineCase golden = PipelineCase.of("flux2_klein_edit1");
    long one;
    long ten;
    try (SplitSystem nothing = start(golden, 1)) {
      GenerationParameters request = golden.request(nothing);
      one = need(nothing, request, 1);
      ten = need(nothing, repeated(request), 1);
    }
    assertThat(ten).isGreaterThan(one);

    try (SplitSystem system = start(golden, one)) {
      GenerationParameters request = golden.request(system);
      assertThat(system.run(request).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(need(system, repeated(request), one)).isEqualTo(ten);

      HttpResponse<String> refused = post(system, repeated(request));
      for (int i = 1; refused.statusCode() == 202 && i < TRIES; i++) {
        refused = post(system, repeated(request));
      }
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body())
          .contains(
              "INVALID_FIELD", ten + " bytes of activations (expected: at most " + one + " b");
    }
  }

  @Test
  void countsTheKeysThatKleinKvKeeps() throws Exception {
    PipelineCase golden = PipelineCase.of("flux2_klein_edit2");
    try (SplitSystem system = start(golden, 1)) {
      GenerationParameters.Builder request = golden.request(system).toBuilder();
      long alone =
          need(system, request.clone().clearImages().setWidth(64).setHeight(64).build(), 1);
      request.setPipeline("Flux2KleinKVPipeline").setWidth(64).setHeight(64);
      long kept = need(system, request.build(), 1);
      long more = need(system, repeated(request.build()), 1);

      assertThat(kept).isGreaterThan(alone);
      assertThat(more).isGreaterThan(kept);
    }
  }

  @Test
  void acceptsTilesThatFitWhereTheUsualOnesDoNot() throws Exception {
    GenerationParameters request =
        GenerationParameters.newBuilder().setPrompt("a red circle").setNumInferenceSteps(1).build();
    GenerationParameters tiled = request.toBuilder().setTileSize(TILE).build();
    long usual;
    long small;
    try (SplitSystem nothing = SplitSystem.withMemory(SplitSystem.TOY, 1)) {
      usual = need(nothing, request, 1);
      small = need(nothing, tiled, 1);
    }
    assertThat(small).isLessThan(usual);

    try (SplitSystem system = SplitSystem.withMemory(SplitSystem.TOY, small)) {
      assertThat(need(system, request, small)).isEqualTo(usual);
      assertThat(system.run(tiled).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void drawsWithTheOneWorkerThatHasTheMemory() throws Exception {
    GenerationParameters request =
        GenerationParameters.newBuilder().setPrompt("a red circle").setNumInferenceSteps(1).build();
    try (SplitSystem system = SplitSystem.withMemory(SplitSystem.TOY, 1)) {
      long usual = need(system, request, 1);
      // Two that fail a job are enough to give it up.
      system.join(1);
      system.join(usual);

      Job drawn = system.run(request);
      assertThat(drawn.getState()).as(drawn.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void refusesAPipelineThatLacksItsPicture() throws Exception {
    PipelineCase golden = PipelineCase.of("flux1_dev_img2img");
    try (SplitSystem system = SplitSystem.start(golden.model(), DType.F32)) {
      GenerationParameters request =
          golden.request(system).toBuilder()
              .clearImages()
              .clearStrength()
              .setPipeline("FluxImg2ImgPipeline")
              .build();

      assertThat(refusal(system, request))
          .isEqualTo(
              "pictures: none with FluxImg2ImgPipeline (expected: FluxImg2ImgPipeline with image)");
    }
  }

  /** The same picture ten times. */
  private static GenerationParameters repeated(GenerationParameters request) {
    return request.toBuilder()
        .clearImages()
        .addAllImages(Collections.nCopies(TEN, request.getImages(0)))
        .build();
  }

  private static String refusal(SplitSystem system, GenerationParameters request) {
    StatusRuntimeException thrown = null;
    for (int i = 0; thrown == null && i < TRIES; i++) {
      thrown =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  assertThat(system.run(request).getState()).isEqualTo(JobState.JOB_STATE_FAILED));
    }
    assertThat(thrown).as("refusal").isNotNull();
    Failure failure = Failure.ofCall(thrown);
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    return failure.message();
  }

  /** Bytes needed, as a refusal tells; it tells {@code there}, too. */
  private static long need(SplitSystem system, GenerationParameters request, long there) {
    String message = refusal(system, request);
    Matcher numbers = NEED.matcher(message);
    assertThat(numbers.matches()).as(message).isTrue();
    assertThat(numbers.group(2)).isEqualTo(Long.toString(there));
    return Long.parseLong(numbers.group(1));
  }

  private static HttpResponse<String> post(SplitSystem system, GenerationParameters request)
      throws IOException, InterruptedException {
    InputImage image = request.getImages(0);
    String reference =
        "{\"sha256\": \"%s\"}".formatted(HexFormat.of().formatHex(image.getSha256().toByteArray()));
    String body =
        """
        {"prompt": "p", "numInferenceSteps": %d, "roundSize": true, "maxSequenceLength": %d,
         "textEncoderOutLayers": %s, "images": [%s]}
        """
            .formatted(
                request.getNumInferenceSteps(),
                request.getMaxSequenceLength(),
                request.getTextEncoderOutLayersList(),
                String.join(", ", Collections.nCopies(TEN, reference)));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(system.http() + "/v1/jobs"))
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    }
  }
}

package dev.fluxgate.encoder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.encoder.testing.ServedEncoder;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplePromptResponse;
import dev.fluxgate.v1.UpsamplingSettings;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UpsamplePromptEndpointTest {
  private static final ByteString PICTURE =
      ByteString.copyFrom(PngWriter.encode(new RgbImage(20, 10, new byte[600]), Map.of()));

  @Test
  void theSameSeedGivesTheSamePromptAndSaysHowLongItIs() {
    try (ServedEncoder encoder = new ServedEncoder("model_flux2_dev", 4)) {
      DescribeResponse description =
          encoder.blocking().describe(DescribeRequest.getDefaultInstance());
      assertThat(description.getUpsampling()).isTrue();
      UpsamplingSettings settings = settings().setSeed(5).build();
      UpsamplePromptResponse first = call(encoder, settings);
      assertThat(call(encoder, settings)).isEqualTo(first);
      assertThat(first.getPromptTokens()).isGreaterThan(100);
      assertThat(first.getNewTokens()).isBetween(1, 8);
      assertThat(first.getCutShort()).isEqualTo(first.getNewTokens() == 8);
      assertThat(first.getModelHash()).isEqualTo(description.getModelHash());
    }
  }

  @Test
  void picturesAreSeenAndCostTokens() {
    try (ServedEncoder encoder = new ServedEncoder("model_flux2_dev", 4)) {
      int without = call(encoder, settings().build()).getPromptTokens();
      UpsamplingSettings settings = settings().addImageBytes(PICTURE.size()).build();
      UpsamplePromptResponse with =
          call(encoder, settings, PICTURE.substring(0, 30), PICTURE.substring(30));
      assertThat(with.getPromptTokens()).isNotEqualTo(without);
    }
  }

  @Test
  void anEncoderOfKleinIsToldTheSameInItsOwnFrameAndSeesNothing() {
    try (ServedEncoder encoder = new ServedEncoder("model_flux2_klein", 4)) {
      assertThat(encoder.blocking().describe(DescribeRequest.getDefaultInstance()))
          .satisfies(d -> assertThat(d.getUpsamplingImages()).isFalse());
      assertThat(call(encoder, settings().build()).getNewTokens()).isPositive();
      assertThat(failure(encoder, settings().addImageBytes(PICTURE.size()).build(), PICTURE))
          .extracting(Failure::reason)
          .isEqualTo("NO_UPSAMPLING");
    }
  }

  @Test
  void anEncoderWithoutALanguageModelSaysSo() {
    try (ServedEncoder encoder = new ServedEncoder("model_flux1_dev", 4)) {
      assertThat(encoder.blocking().describe(DescribeRequest.getDefaultInstance()))
          .satisfies(d -> assertThat(d.getUpsampling()).isFalse());
      assertThat(failure(encoder, settings().build()))
          .extracting(Failure::reason)
          .isEqualTo("NO_UPSAMPLING");
    }
  }

  @Test
  void whatIsNoRequestIsRefusedByField() {
    try (ServedEncoder encoder = new ServedEncoder("model_flux2_dev", 4)) {
      UpsamplingSettings one = settings().addImageBytes(PICTURE.size()).build();
      assertThat(message(encoder, settings().setPrompt(" ").build())).startsWith("prompt: blank");
      assertThat(message(encoder, settings().setTemperature(3).build()))
          .isEqualTo("temperature: 3.0 (expected: 0..2.0)");
      assertThat(message(encoder, settings().setMaxNewTokens(-1).build()))
          .isEqualTo("max_new_tokens: -1 (expected: 1..2048)");
      assertThat(message(encoder, settings().addImageBytes(0).build()))
          .startsWith("image_bytes: 0 ");
      assertThat(message(encoder, settings().addImageBytes(1L << 40).build()))
          .startsWith("image_bytes: 1099511627776 ");
      assertThat(message(encoder, one)).startsWith("image_chunk: the pictures end early");
      assertThat(message(encoder, one, PICTURE, PICTURE)).startsWith("image_chunk: more bytes");
      assertThat(
              message(encoder, settings().addImageBytes(3).build(), ByteString.copyFromUtf8("abc")))
          .contains("expected: a PNG, JPEG or WebP file");
    }
  }

  private static UpsamplingSettings.Builder settings() {
    return UpsamplingSettings.newBuilder().setPrompt("a dog is dancing").setMaxNewTokens(8);
  }

  private static String message(
      ServedEncoder encoder, UpsamplingSettings settings, ByteString... chunks) {
    return failure(encoder, settings, chunks).message();
  }

  private static Failure failure(
      ServedEncoder encoder, UpsamplingSettings settings, ByteString... chunks) {
    List<Failure> failures = new ArrayList<>();
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> call(encoder, settings, chunks))
        .withCauseInstanceOf(StatusRuntimeException.class)
        .satisfies(e -> failures.add(Failure.ofCall(Objects.requireNonNull(e.getCause()))));
    return failures.getFirst();
  }

  private static UpsamplePromptResponse call(
      ServedEncoder encoder, UpsamplingSettings settings, ByteString... chunks) {
    CompletableFuture<UpsamplePromptResponse> answer = new CompletableFuture<>();
    StreamObserver<UpsamplePromptRequest> requests =
        encoder
            .async()
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .upsamplePrompt(
                new StreamObserver<>() {
                  @Override
                  public void onNext(UpsamplePromptResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    answer.completeExceptionally(thrown);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new IllegalStateException("no answer"));
                  }
                });
    requests.onNext(UpsamplePromptRequest.newBuilder().setSettings(settings).build());
    for (ByteString chunk : chunks) {
      requests.onNext(UpsamplePromptRequest.newBuilder().setImageChunk(chunk).build());
    }
    requests.onCompleted();
    return answer.join();
  }
}

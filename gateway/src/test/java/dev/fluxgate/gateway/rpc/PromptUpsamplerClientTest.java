package dev.fluxgate.gateway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.upsample.FirstAbleUpsampler;
import dev.fluxgate.gateway.upsample.UpsampledPrompt;
import dev.fluxgate.gateway.upsample.UpsamplerGuard;
import dev.fluxgate.gateway.upsample.UpsamplerUnavailableException;
import dev.fluxgate.gateway.upsample.UpsamplingFailedException;
import dev.fluxgate.gateway.upsample.UpsamplingRequest;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusMapping;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceImplBase;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplePromptResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptUpsamplerClientTest {
  private static final UpsamplerGuard.Policy QUICK =
      new UpsamplerGuard.Policy(2, Duration.ofMillis(10), Duration.ofMinutes(1));
  private static final UpsamplingRequest REQUEST = UpsamplingRequest.of("a dog", List.of(), 7);

  @Test
  void settingsGoFirstAndPicturesInChunks() {
    FakeEncoder encoder = new FakeEncoder(" a shaggy dog ");
    ByteString file = ByteString.copyFrom(new byte[(1 << 20) + 3]);
    try (GrpcServer server = serve(encoder);
        PromptUpsamplerClient client = client(server.port())) {
      UpsampledPrompt answer =
          client.upsample(
              UpsamplingRequest.of(
                  "a dog", List.of(new UpsamplingRequest.Picture("image/png", file)), 7));
      assertThat(answer).isEqualTo(new UpsampledPrompt("a shaggy dog", "hash", 3, true));
    }
    assertThat(encoder.messages.getFirst().getSettings().getPrompt()).isEqualTo("a dog");
    assertThat(encoder.messages.getFirst().getSettings().getImageBytesList())
        .containsExactly((long) file.size());
    assertThat(encoder.messages.stream().skip(1).map(m -> m.getImageChunk().size()))
        .containsExactly(1 << 20, 3);
  }

  @Test
  void anAnswerWithoutTextIsRefused() {
    try (GrpcServer server = serve(new FakeEncoder("  "));
        PromptUpsamplerClient client = client(server.port())) {
      assertThatExceptionOfType(UpsamplingFailedException.class)
          .isThrownBy(() -> client.upsample(REQUEST))
          .satisfies(e -> assertThat(e.reason()).isEqualTo("MALFORMED_ANSWER"));
    }
  }

  @Test
  void anEncoderThatCannotIsPassedOverForTheNext() {
    try (GrpcServer first = serve(new FakeEncoder(""));
        GrpcServer second = serve(new FakeEncoder("a cat"));
        FirstAbleUpsampler both =
            new FirstAbleUpsampler(List.of(client(first.port()), client(second.port())))) {
      assertThat(both.upsample(REQUEST).prompt()).isEqualTo("a cat");
    }
  }

  @Test
  void anEncoderThatIsGoneIsToldAsSuch() {
    int port;
    try (GrpcServer server = serve(new FakeEncoder("a cat"))) {
      port = server.port();
    }
    try (PromptUpsamplerClient client = client(port)) {
      assertThatExceptionOfType(UpsamplerUnavailableException.class)
          .isThrownBy(() -> client.upsample(REQUEST))
          .withMessageContaining("encoder 127.0.0.1:" + port);
    }
  }

  private static PromptUpsamplerClient client(int port) {
    return new PromptUpsamplerClient("127.0.0.1:" + port, Duration.ofSeconds(20), QUICK);
  }

  private static GrpcServer serve(FakeEncoder encoder) {
    return GrpcServer.start("127.0.0.1", 0, StatusMapping.standard(), List.of(encoder));
  }

  /** Answers with a text; with an empty one as an encoder that cannot. */
  private static final class FakeEncoder extends TextEncoderServiceImplBase {
    private final List<UpsamplePromptRequest> messages = new ArrayList<>();
    private final String answer;

    FakeEncoder(String answer) {
      this.answer = answer;
    }

    @Override
    public StreamObserver<UpsamplePromptRequest> upsamplePrompt(
        StreamObserver<UpsamplePromptResponse> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(UpsamplePromptRequest message) {
          messages.add(message);
        }

        @Override
        public void onError(Throwable thrown) {
          messages.clear();
        }

        @Override
        public void onCompleted() {
          if (answer.isEmpty()) {
            throw Failure.of(Status.Code.FAILED_PRECONDITION, "NO_UPSAMPLING", "no model")
                .toException();
          }
          observer.onNext(
              UpsamplePromptResponse.newBuilder()
                  .setPrompt(answer)
                  .setModelHash("hash")
                  .setNewTokens(3)
                  .setCutShort(true)
                  .build());
          observer.onCompleted();
        }
      };
    }
  }
}

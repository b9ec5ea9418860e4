package dev.fluxgate.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.TensorHeader;
import dev.fluxgate.v1.TextEncoderServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Embeddings that a user brings in place of a prompt, through gateway and worker. */
class ExplicitEmbeddingsTest {
  private static final String EMBEDS = "prompt_embeds";
  private static final String POOLED = "pooled_prompt_embeds";
  private static final int TOKENS = 8;
  private static final int WIDTH = 24;

  private static PipelineCase flux1;
  private static SplitSystem system;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    flux1 = PipelineCase.of("flux1_dev_t2i");
    system = SplitSystem.start(flux1.model(), DType.F32);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @Test
  void thoseOfAPromptGiveItsOwnPicture() throws IOException {
    GenerationParameters asked = flux1.request(system);
    Map<String, PackedTensor> tensors = encode(asked);

    Job brought =
        system.run(
            asked.toBuilder()
                .clearPrompt()
                .clearMaxSequenceLength()
                .setPromptEmbeds(system.upload(tensors.get(EMBEDS)))
                .setPooledPromptEmbeds(system.upload(tensors.get(POOLED)))
                .build());

    assertThat(system.picture(brought, 0).image())
        .isEqualTo(system.picture(system.run(asked), 0).image());
  }

  @Test
  void valuesThatAreNoNumbersEndTheJobAndNotTheWorker() throws IOException {
    GenerationParameters asked = flux1.request(system);
    PackedTensor pooled = encode(asked).get(POOLED);

    Job poisoned =
        system.run(
            asked.toBuilder()
                .clearPrompt()
                .clearMaxSequenceLength()
                .setPromptEmbeds(system.upload(embeds(WIDTH, Float.NaN)))
                .setPooledPromptEmbeds(system.upload(pooled))
                .build());

    assertThat(poisoned.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(poisoned.getError().getReason()).isEqualTo("INVALID_REQUEST");
    assertThat(poisoned.getError().getMessage()).contains("prompt embeds: ", "NaN (expected: ");
    assertThat(system.run(asked).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void theGatewayRefusesAHeaderThatDoesNotFit() throws IOException {
    GenerationParameters asked = flux1.request(system);

    assertThatThrownBy(() ->
            system.run(
                asked.toBuilder()
                    .clearPrompt()
                    .clearMaxSequenceLength()
                    .setPromptEmbeds(system.upload(embeds(WIDTH - 1, 0)))
                    .build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              Failure failure = Failure.ofCall(e);
              assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(failure.message())
                  .contains("prompt_embeds: [8, 23] (expected: [1..")
                  .contains("pooled_prompt_embeds: none (expected: one of width ");
            });
  }

  private static PackedTensor embeds(int width, float value) {
    HostTensor tensor = HostTensor.zeros(DType.F32, Shape.of(TOKENS, width));
    tensor.set(width, value);
    return PipelineCase.packed(EMBEDS, tensor);
  }

  /** What the encoder makes of the request's prompt, by name. */
  private static Map<String, PackedTensor> encode(GenerationParameters asked) {
    ManagedChannel channel = GrpcChannels.open(system.encoder());
    try {
      return collect(
          TextEncoderServiceGrpc.newBlockingStub(channel)
              .encode(
                  EncodeRequest.newBuilder()
                      .setPrompt(asked.getPrompt())
                      .setMaxSequenceLength(asked.getMaxSequenceLength())
                      .build()));
    } finally {
      GrpcChannels.close(channel);
    }
  }

  private static Map<String, PackedTensor> collect(Iterator<EncodeResponse> parts) {
    Map<String, TensorHeader> headers = new TreeMap<>();
    Map<String, ByteString> bytes = new TreeMap<>();
    String current = "";
    while (parts.hasNext()) {
      EncodeResponse part = parts.next();
      if (part.hasHeader()) {
        current = part.getHeader().getName();
        headers.put(current, part.getHeader());
        bytes.put(current, ByteString.EMPTY);
      } else if (part.hasChunk()) {
        bytes.merge(current, part.getChunk().getData(), ByteString::concat);
      }
    }
    Map<String, PackedTensor> tensors = new TreeMap<>();
    headers.forEach((name, header) -> tensors.put(name, new PackedTensor(header, bytes.get(name))));
    return tensors;
  }
}

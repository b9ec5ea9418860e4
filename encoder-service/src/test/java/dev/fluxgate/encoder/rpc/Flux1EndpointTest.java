package dev.fluxgate.encoder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.pipeline.EncodePipeline;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.testing.EncodedPrompt;
import dev.fluxgate.encoder.testing.ServedEncoder;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.EncodeRequest;
import io.grpc.Status;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The service over a model with two encoders and two tensors. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Flux1EndpointTest {
  private static final int LENGTH = 24;

  private ServedEncoder dev;
  private ServedEncoder schnell;

  @BeforeAll
  void serve() {
    dev = new ServedEncoder("model_flux1_dev", 6);
    schnell = new ServedEncoder("model_flux1_schnell", 6);
  }

  @AfterAll
  void close() {
    dev.close();
    schnell.close();
  }

  @Test
  void describesBothEncodersAndTheLimitOfTheFamily() {
    DescribeResponse ofDev = dev.blocking().describe(DescribeRequest.getDefaultInstance());
    DescribeResponse ofSchnell = schnell.blocking().describe(DescribeRequest.getDefaultInstance());
    assertThat(ofDev.getFamily()).isEqualTo("flux1-dev");
    assertThat(ofSchnell.getFamily()).isEqualTo("flux1-schnell");
    assertThat(ofDev.getTextEncoder()).isEqualTo("t5+clip");
    assertThat(ofDev.getTemplateVersion()).isEqualTo("plain/1");
    assertThat(ofDev.getHiddenSize()).isEqualTo(24);
    assertThat(ofDev.getPooledSize()).isEqualTo(32);
    assertThat(ofDev.getDefaultOutputLayersList()).containsExactly(ofDev.getDepth());
    assertThat(ofDev.getDefaultMaxSequenceLength()).isEqualTo(512);
    assertThat(ofDev.getMaxSequenceLengthLimit()).isEqualTo(512);
    assertThat(ofSchnell.getDefaultMaxSequenceLength()).isEqualTo(256);
    assertThat(ofSchnell.getMaxSequenceLengthLimit()).isEqualTo(256);
    assertThat(ofDev.getModelHash()).isNotEqualTo(ofSchnell.getModelHash());
  }

  @Test
  void answersBothTensorsAsThePipelineMakesThem() {
    EncodedPrompt answer = encode(dev, request("two cats", "one hat"));
    assertThat(answer.tensors().stream().map(each -> each.header().getName()))
        .containsExactly("prompt_embeds", "pooled_prompt_embeds");
    assertThat(answer.tensors().get(1).header().getShapeList()).containsExactly(32L);
    EncodePipeline pipeline = dev.model.pipeline();
    PromptEmbeds direct =
        pipeline
            .encode(
                List.of(pipeline.tokenize(new Prompt("two cats"), new Prompt("one hat"), LENGTH)),
                dev.model.defaultOutputLayers())
            .getFirst();
    assertThat(answer.embeds().toFloats()).isEqualTo(direct.tensor().toFloats());
    assertThat(answer.embeds().shape().dims()).containsExactly((long) LENGTH, 24L);
    assertThat(answer.pooled().toFloats())
        .isEqualTo(Objects.requireNonNull(direct.pooled()).tensor().toFloats());
  }

  @Test
  void eachPromptGoesToItsOwnEncoder() {
    EncodedPrompt one = encode(dev, request("two cats", ""));
    EncodedPrompt same = encode(dev, request("two cats", "two cats"));
    assertThat(same.tensors()).isEqualTo(one.tensors());
    EncodedPrompt otherSecond = encode(dev, request("two cats", "one hat"));
    assertThat(otherSecond.tensors().get(1)).isEqualTo(one.tensors().get(1));
    assertThat(otherSecond.tensors().get(0)).isNotEqualTo(one.tensors().get(0));
    EncodedPrompt otherFirst = encode(dev, request("one hat", "two cats"));
    assertThat(otherFirst.tensors().get(0)).isEqualTo(one.tensors().get(0));
    assertThat(otherFirst.tensors().get(1)).isNotEqualTo(one.tensors().get(1));
  }

  @Test
  void answersTheTensorsAskedForInThatOrder() {
    EncodeRequest request = request("two cats", "");
    EncodedPrompt pooled =
        encode(dev, request.toBuilder().addTensors("pooled_prompt_embeds").build());
    assertThat(pooled.info().getTensorCount()).isEqualTo(1);
    assertThat(pooled.packed().header().getName()).isEqualTo("pooled_prompt_embeds");
    EncodedPrompt turned =
        encode(
            dev,
            request.toBuilder()
                .addAllTensors(List.of("pooled_prompt_embeds", "prompt_embeds"))
                .build());
    assertThat(turned.tensors().get(0)).isEqualTo(pooled.packed());
    assertThat(turned.tensors().get(1).header().getName()).isEqualTo("prompt_embeds");
  }

  @Test
  void tellsOfACutOnEitherWay() {
    String text = "a cat ".repeat(60);
    EncodedPrompt both = encode(dev, request(text, ""));
    assertThat(both.info().getTruncated()).isTrue();
    assertThat(both.info().getPooledTruncated()).isTrue();
    assertThat(both.info().getTokenCount()).isEqualTo(LENGTH);
    EncodedPrompt pooled = encode(dev, request(text, "a cat"));
    assertThat(pooled.info().getTruncated()).isFalse();
    assertThat(pooled.info().getPooledTruncated()).isTrue();
    EncodedPrompt sequence = encode(dev, request("a cat", text));
    assertThat(sequence.info().getTruncated()).isTrue();
    assertThat(sequence.info().getPooledTruncated()).isFalse();
  }

  @Test
  void paddingIsAttendedAndTravelsWhole() {
    EncodedPrompt answer = encode(dev, request("cat", ""));
    assertThat(answer.info().getTokenCount()).isLessThan(LENGTH);
    assertThat(answer.packed().header().hasPadRow()).isFalse();
    HostTensor longer =
        encode(dev, request("cat", "").toBuilder().setMaxSequenceLength(LENGTH + 8).build())
            .embeds();
    assertThat(longer.get(0)).isNotEqualTo(answer.embeds().get(0));
  }

  @Test
  void takesEmptyPromptsNulAndUnpairedSurrogates() {
    for (String text : List.of("", "a\0b", " \n\t ")) {
      EncodedPrompt answer = encode(dev, request(text, ""));
      assertThat(answer.info().getTokenCount()).as(text).isPositive();
      assertThat(answer.pooled().shape().dims()).containsExactly(32L);
    }
    EncodePipeline pipeline = dev.model.pipeline();
    assertThat(pipeline.tokenize(new Prompt("\uD800 cat"), LENGTH))
        .isEqualTo(pipeline.tokenize(new Prompt("\uFFFD cat"), LENGTH));
  }

  @Test
  void companyInABatchChangesNothing() throws InterruptedException {
    EncodedPrompt alone = encode(dev, request("alone", "or not"));
    dev.holdUp();
    CompletableFuture<EncodedPrompt> busy = later(request("busy", ""));
    dev.awaitBusy();
    CompletableFuture<EncodedPrompt> first = later(request("alone", "or not"));
    CompletableFuture<EncodedPrompt> second = later(request("alone", "or else"));
    dev.awaitWaiting(2);
    int before = dev.batches.size();
    dev.resume();
    assertThat(first.join().tensors()).isEqualTo(alone.tensors());
    assertThat(second.join().tensors().get(0)).isNotEqualTo(alone.tensors().get(0));
    assertThat(second.join().tensors().get(1)).isEqualTo(alone.tensors().get(1));
    assertThat(busy.join().info().getTensorCount()).isEqualTo(2);
    assertThat(dev.batches).hasSize(before + 1);
  }

  @Test
  void namesEveryFieldAtFault() {
    EncodeRequest request =
        EncodeRequest.newBuilder()
            .setPrompt("cat")
            .setPrompt2("x".repeat(Prompt.MAX_BYTES + 1))
            .setMaxSequenceLength(257)
            .addOutputLayers(1)
            .addAllTensors(List.of("prompt_embeds", "prompt_embeds"))
            .build();
    Failure failure = failure(schnell, request);
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.violations().stream().map(v -> v.description()))
        .containsExactly(
            "prompt_2: 1048577 bytes of UTF-8 (expected: at most 1048576)",
            "max_sequence_length: 257 (expected: 1..256, or 0 for 256)",
            "output_layers: [1] (expected: none, or [2]; of T5 the last hidden state alone is used)",
            "tensors: [prompt_embeds, prompt_embeds]"
                + " (expected: each once of prompt_embeds, pooled_prompt_embeds)");
    assertThat(
            failure(dev, request("cat", "").toBuilder().setMaxSequenceLength(1).build()).message())
        .isEqualTo("max_sequence_length: 1 (expected: more than 1 tokens)");
  }

  private CompletableFuture<EncodedPrompt> later(EncodeRequest request) {
    return CompletableFuture.supplyAsync(
        () -> encode(dev, request), task -> Thread.ofVirtual().start(task));
  }

  private static EncodeRequest request(String prompt, String second) {
    return EncodeRequest.newBuilder()
        .setPrompt(prompt)
        .setPrompt2(second)
        .setMaxSequenceLength(LENGTH)
        .build();
  }

  private static EncodedPrompt encode(ServedEncoder encoder, EncodeRequest request) {
    return EncodedPrompt.read(encoder.blocking().encode(request));
  }

  private static Failure failure(ServedEncoder encoder, EncodeRequest request) {
    Throwable thrown = catchThrowable(() -> encode(encoder, request));
    assertThat(thrown).isNotNull();
    return Failure.ofCall(thrown);
  }
}

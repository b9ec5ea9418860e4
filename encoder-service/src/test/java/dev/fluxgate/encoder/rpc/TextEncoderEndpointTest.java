package dev.fluxgate.encoder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.testing.EncodedPrompt;
import dev.fluxgate.encoder.testing.ServedEncoder;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import io.grpc.Context;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextEncoderEndpointTest {
  /** Above what any test makes and its forerunner may not have quite ended. */
  private static final int MAX_CALLS = 16;

  /** Room for the frame and a few words: prompts differ only behind it. */
  private static final int LENGTH = 100;

  private ServedEncoder dev;
  private ServedEncoder klein;

  @BeforeAll
  void serve() {
    dev = new ServedEncoder("model_flux2_dev", MAX_CALLS);
    klein = new ServedEncoder("model_flux2_klein", MAX_CALLS);
  }

  @AfterEach
  void resume() {
    dev.resume();
    klein.resume();
  }

  @AfterAll
  void close() {
    dev.close();
    klein.close();
  }

  @Test
  void describesWhatEntersTheKeyOfAnEmbedding() {
    DescribeResponse ofDev = dev.blocking().describe(DescribeRequest.getDefaultInstance());
    DescribeResponse ofKlein = klein.blocking().describe(DescribeRequest.getDefaultInstance());
    assertThat(ofDev.getFamily()).isEqualTo("flux2-dev");
    assertThat(ofDev.getModelHash()).matches("[0-9a-f]{64}");
    assertThat(ofDev.getTokenizerHash()).matches("[0-9a-f]{64}");
    assertThat(ofDev.getModelHash()).isNotEqualTo(ofKlein.getModelHash());
    assertThat(ofDev.getTokenizerHash()).isNotEqualTo(ofKlein.getTokenizerHash());
    assertThat(ofDev.getTemplateVersion()).isEqualTo("mistral3/1");
    assertThat(ofKlein.getTemplateVersion()).isEqualTo("qwen3/1");
    assertThat(ofDev.getDtype()).isEqualTo(DType.D_TYPE_F32);
    assertThat(ofDev.getQuantization()).isEqualTo("none");
    assertThat(ofDev.getDefaultMaxSequenceLength()).isEqualTo(512);
    assertThat(ofDev.getMaxSequenceLengthLimit()).isEqualTo(ServedEncoder.MAX_LENGTH);
    assertThat(ofDev.getDepth()).isEqualTo(dev.model.sizes().depth());
    assertThat(ofDev.getDefaultOutputLayersList())
        .isEqualTo(dev.model.defaultOutputLayers().indices());
    assertThat(ofDev.getHiddenSize()).isEqualTo(dev.model.sizes().hiddenSize());
    assertThat(ofDev.getMaxPromptBytes()).isEqualTo(Prompt.MAX_BYTES);
  }

  @Test
  void leftPaddingTravelsAsOneRow() {
    EncodedPrompt answer = encode(dev, request("two cats", 100));
    int live = answer.info().getTokenCount();
    assertThat(answer.info().getTruncated()).isFalse();
    assertThat(answer.packed().header().getPadRow().getFirst()).isZero();
    assertThat(answer.packed().header().getPadRow().getCount()).isEqualTo(100 - live);
    assertThat(answer.embeds().shape().dim(0)).isEqualTo(100);
    assertThat(answer.packed().data().size() * 100L)
        .isEqualTo(answer.embeds().data().byteSize() * (live + 1));
  }

  @Test
  void paddingThatDependsOnThePromptTravelsWhole() {
    EncodedPrompt answer = encode(klein, request("two cats", 100));
    assertThat(answer.info().getTokenCount()).isLessThan(100);
    assertThat(answer.packed().header().hasPadRow()).isFalse();
  }

  @Test
  void fillsInDefaultsAndSaysWhatItDid() {
    EncodedPrompt answer = encode(dev, EncodeRequest.newBuilder().setPrompt("").build());
    DescribeResponse about = dev.blocking().describe(DescribeRequest.getDefaultInstance());
    assertThat(answer.info().getModelHash()).isEqualTo(about.getModelHash());
    assertThat(answer.info().getTokenizerHash()).isEqualTo(about.getTokenizerHash());
    assertThat(answer.info().getOutputLayersList()).isEqualTo(about.getDefaultOutputLayersList());
    assertThat(answer.info().getTensorCount()).isEqualTo(1);
    assertThat(answer.packed().header().getShapeList())
        .containsExactly(512L, 3L * about.getHiddenSize());
  }

  @Test
  void takesLongPromptsAndCutsThem() {
    EncodedPrompt answer = encode(dev, request("a cat ".repeat(17_000), 64));
    assertThat(answer.info().getTruncated()).isTrue();
    assertThat(answer.info().getTokenCount()).isEqualTo(64);
  }

  @Test
  void tellsThatADeviceHasTooLittleMemoryForAPrompt() {
    Failure failure =
        TextEncoderEndpoint.statuses()
            .failure(
                new CompletionException(
                    new DeviceMemoryException("device memory: 64 bytes wanted, 8 free", null)));
    assertThat(failure)
        .isEqualTo(
            Failure.of(
                Status.Code.FAILED_PRECONDITION,
                "TOO_LARGE",
                "device memory: 64 bytes wanted, 8 free"));
  }

  @Test
  void oneTokenIsEnough() {
    assertThat(encode(dev, request("cat", 1)).embeds().shape().dim(0)).isEqualTo(1);
  }

  @Test
  void namesEveryFieldAtFault() {
    EncodeRequest request =
        EncodeRequest.newBuilder()
            .setPrompt("x".repeat(Prompt.MAX_BYTES + 1))
            .setMaxSequenceLength(-1)
            .addAllOutputLayers(List.of(2, 1))
            .addTensors("pooled")
            .build();
    Failure failure = failure(() -> encode(dev, request));
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.reason()).isEqualTo("INVALID_FIELD");
    assertThat(failure.violations().stream().map(v -> v.field()))
        .containsExactly("prompt", "max_sequence_length", "output_layers", "tensors");
    assertThat(failure.violations().getFirst().description())
        .isEqualTo("prompt: 1048577 bytes of UTF-8 (expected: at most 1048576)");
  }

  @Test
  void refusesASecondPromptAndTensorsThatTheFamilyLacks() {
    EncodeRequest second = request("cat", 8).toBuilder().setPrompt2("dog").build();
    assertThat(failure(() -> encode(dev, second)).message())
        .isEqualTo("prompt_2: given (expected: none; flux2-dev has one text encoder)");
    EncodeRequest pooled = request("cat", 8).toBuilder().addTensors("pooled_prompt_embeds").build();
    assertThat(failure(() -> encode(dev, pooled)).message())
        .isEqualTo("tensors: [pooled_prompt_embeds] (expected: each once of prompt_embeds)");
  }

  @Test
  void refusesLengthsAndLayersOutOfRange() {
    EncodeRequest tooLong = request("cat", ServedEncoder.MAX_LENGTH + 1);
    assertThat(failure(() -> encode(dev, tooLong)).message())
        .isEqualTo("max_sequence_length: 2049 (expected: 1..2048, or 0 for 512)");
    int depth = dev.model.sizes().depth();
    EncodeRequest tooDeep = request("cat", 8).toBuilder().addOutputLayers(depth + 1).build();
    assertThat(failure(() -> encode(dev, tooDeep)).message())
        .isEqualTo("output_layers: [6] (expected: within 0..5)");
    EncodeRequest twice = request("cat", 8).toBuilder().addAllOutputLayers(List.of(1, 1)).build();
    assertThat(failure(() -> encode(dev, twice)).message())
        .isEqualTo("output_layers: [1, 1] (expected: ascending, from 0 on, at least one)");
  }

  @Test
  void equalPromptsAreEncodedOnce() throws InterruptedException {
    dev.holdUp();
    int before = dev.batches.size();
    CompletableFuture<EncodedPrompt> first = later(dev, request("same", LENGTH));
    dev.awaitBusy();
    CompletableFuture<EncodedPrompt> second = later(dev, request("same", LENGTH));
    CompletableFuture<EncodedPrompt> other = later(dev, request("other", LENGTH));
    dev.awaitCallers(3);
    dev.resume();
    assertThat(first.join().packed()).isEqualTo(second.join().packed());
    assertThat(other.join().packed()).isNotEqualTo(first.join().packed());
    assertThat(dev.batches).hasSize(before + 2);
  }

  @Test
  void refusesWhenTheQueueIsFullAndSaysWhenToComeBack() throws InterruptedException {
    dev.holdUp();
    CompletableFuture<EncodedPrompt> running = later(dev, request("running", LENGTH));
    dev.awaitBusy();
    List<CompletableFuture<EncodedPrompt>> waiting = new ArrayList<>();
    for (int i = 0; i < ServedEncoder.QUEUE; i++) {
      waiting.add(later(dev, request("waiting " + i, LENGTH)));
    }
    dev.awaitWaiting(ServedEncoder.QUEUE);
    Failure failure = failure(() -> encode(dev, request("one too many", LENGTH)));
    assertThat(failure.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(failure.reason()).isEqualTo("QUEUE_FULL");
    assertThat(failure.retryAfter()).isPositive();
    dev.resume();
    waiting.forEach(CompletableFuture::join);
    assertThat(running.join().info().getTokenCount()).isPositive();
  }

  @Test
  void aCallerThatLeavesIsNotEncoded() throws InterruptedException {
    dev.holdUp();
    CompletableFuture<EncodedPrompt> running = later(dev, request("stays", LENGTH));
    dev.awaitBusy();
    int before = dev.batches.size();
    List<CompletableFuture<EncodedPrompt>> left = new ArrayList<>();
    try (Context.CancellableContext leaving = Context.current().withCancellation()) {
      leaving.run(() -> left.add(later(dev, request("leaves", LENGTH))));
      dev.awaitWaiting(1);
    }
    dev.awaitWaiting(0);
    assertThat(failure(left.getFirst()::join).code()).isEqualTo(Status.Code.CANCELLED);
    dev.resume();
    running.join();
    encode(dev, request("next", LENGTH));
    assertThat(dev.batches).hasSize(before + 1);
  }

  @Test
  void aCallerOutOfTimeIsNotEncoded() throws InterruptedException {
    // One of its own, which no call that comes late leaves to the next test.
    try (ServedEncoder own = new ServedEncoder("model_flux2_klein", MAX_CALLS)) {
      own.holdUp();
      CompletableFuture<EncodedPrompt> running = later(own, request("stays", LENGTH));
      own.awaitBusy();
      Failure failure =
          failure(() ->
              EncodedPrompt.read(
                  own.blocking()
                      .withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                      .encode(request("hurries", LENGTH))));
      assertThat(failure.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      own.awaitWaiting(0);
      own.resume();
      running.join();
    }
  }

  @Test
  void aSlowReaderGetsAllOfItAndHoldsNobodyUp() {
    // Five states of 2048 rows of 32 channels: two chunks, none of them equal rows.
    EncodeRequest large =
        request("slow", 2048).toBuilder().addAllOutputLayers(List.of(0, 1, 2, 3, 4)).build();
    SlowReader reader = new SlowReader();
    klein.async().encode(large, reader);
    List<EncodeResponse> messages = new ArrayList<>();
    messages.add(reader.next());
    assertThat(encode(klein, request("quick", 8)).info().getTokenCount()).isEqualTo(8);
    for (EncodeResponse message = reader.next(); message != null; message = reader.next()) {
      messages.add(message);
    }
    EncodedPrompt answer = EncodedPrompt.read(messages.iterator());
    assertThat(answer.chunks()).isEqualTo(2);
    assertThat(messages)
        .allSatisfy(m -> assertThat(m.getChunk().getData().size()).isBetween(0, 1 << 20));
    assertThat(answer.embeds().shape().dims()).containsExactly(2048L, 160L);
  }

  @Test
  void servesNoMoreCallsAtOnceThanItMayHold() throws InterruptedException {
    try (ServedEncoder narrow = new ServedEncoder("model_flux2_klein", 1)) {
      narrow.holdUp();
      CompletableFuture<EncodedPrompt> only = later(narrow, request("same", LENGTH));
      narrow.awaitBusy();
      Failure refused = failure(() -> encode(narrow, request("same", LENGTH)));
      assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refused.message()).isEqualTo("calls: 1 at once already (expected: at most 1)");
      assertThat(refused.retryAfter()).isPositive();
      narrow.resume();
      assertThat(only.join().info().getTokenCount()).isPositive();
    }
  }

  @Test
  void thoseWhoWaitWhenItStopsAreToldSo() throws InterruptedException {
    try (ServedEncoder stopping = new ServedEncoder("model_flux2_klein", MAX_CALLS)) {
      stopping.holdUp();
      CompletableFuture<EncodedPrompt> running = later(stopping, request("running", LENGTH));
      stopping.awaitBusy();
      CompletableFuture<EncodedPrompt> waiting = later(stopping, request("waiting", LENGTH));
      stopping.awaitWaiting(1);
      Thread closing = Thread.ofVirtual().start(stopping.batcher::close);
      Failure failure = failure(waiting::join);
      assertThat(failure.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(failure.reason()).isEqualTo("STOPPING");
      stopping.resume();
      closing.join();
      assertThat(running.join().info().getTokenCount()).isPositive();
    }
  }

  private static EncodeRequest request(String prompt, int length) {
    return EncodeRequest.newBuilder().setPrompt(prompt).setMaxSequenceLength(length).build();
  }

  private static EncodedPrompt encode(ServedEncoder encoder, EncodeRequest request) {
    return EncodedPrompt.read(encoder.blocking().encode(request));
  }

  private static CompletableFuture<EncodedPrompt> later(
      ServedEncoder encoder, EncodeRequest request) {
    return CompletableFuture.supplyAsync(
        () -> encode(encoder, request),
        Context.current().fixedContextExecutor(task -> Thread.ofVirtual().start(task)));
  }

  private static Failure failure(Supplier<?> call) {
    Throwable thrown = catchThrowable(call::get);
    assertThat(thrown).isNotNull();
    return Failure.ofCall(thrown.getCause() == null ? thrown : thrown.getCause());
  }
}

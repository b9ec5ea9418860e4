package dev.fluxgate.encoder.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.serving.QueueFullException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EncodeBatcherTest {
  private static final OutputLayers LAYERS = new OutputLayers(List.of(1, 2));

  /** Batches as they reached the device, which takes one permit for each. */
  private final List<List<PromptTokens>> batches = new CopyOnWriteArrayList<>();

  private final Semaphore arrived = new Semaphore(0);
  private final Semaphore permits = new Semaphore(0);
  private final EncodeBatcher batcher = new EncodeBatcher(this::encode, 3, 2);

  /** Sequences that find memory together. */
  private volatile int most = Integer.MAX_VALUE;

  @AfterEach
  void close() {
    permits.release(1000);
    batcher.close();
  }

  @Test
  void encodesInOrderOfArrivalAndTogetherWhatFits() throws InterruptedException {
    EncodeTicket busy = occupy();
    EncodeTicket first = batcher.submit(tokens(1, 4), LAYERS);
    EncodeTicket longer = batcher.submit(tokens(2, 5), LAYERS);
    EncodeTicket second = batcher.submit(tokens(3, 4), LAYERS);
    permits.release(3);
    assertThat(busy.await().tokenCount()).isZero();
    assertThat(first.await().tokenCount()).isEqualTo(1);
    assertThat(second.await().tokenCount()).isEqualTo(3);
    assertThat(longer.await().tokenCount()).isEqualTo(2);
    assertThat(batches)
        .containsExactly(
            List.of(tokens(0, 4)), List.of(tokens(1, 4), tokens(3, 4)), List.of(tokens(2, 5)));
  }

  @Test
  void otherLayersAreAnotherBatchAndBatchesAreBounded() throws InterruptedException {
    EncodeTicket busy = occupy();
    EncodeTicket other = batcher.submit(tokens(1, 4), new OutputLayers(List.of(1)));
    EncodeTicket a = batcher.submit(tokens(1, 4), LAYERS);
    EncodeTicket b = batcher.submit(tokens(2, 4), LAYERS);
    permits.release(1);
    busy.await();
    assertThat(arrived.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    EncodeTicket c = batcher.submit(tokens(3, 4), LAYERS);
    permits.release(3);
    List.of(other, a, b, c).forEach(EncodeTicket::await);
    assertThat(batches.stream().map(List::size)).containsExactly(1, 1, 2, 1);
  }

  @Test
  void encodesEqualPromptsOnce() throws InterruptedException {
    EncodeTicket busy = occupy();
    EncodeTicket waiting = batcher.submit(tokens(1, 4), LAYERS);
    EncodeTicket same = batcher.submit(tokens(1, 4), LAYERS);
    EncodeTicket running = batcher.submit(tokens(0, 4), LAYERS);
    assertThat(batcher.waiting()).isEqualTo(1);
    permits.release(2);
    assertThat(running.await()).isSameAs(busy.await());
    assertThat(same.await()).isSameAs(waiting.await());
    assertThat(batches).hasSize(2);
  }

  @Test
  void aCallerGoneBeforeItsTurnCostsNothing() throws InterruptedException {
    EncodeTicket busy = occupy();
    EncodeTicket gone = batcher.submit(tokens(1, 4), LAYERS);
    gone.cancel();
    gone.cancel();
    assertThat(batcher.waiting()).isZero();
    permits.release(1);
    busy.await();
    assertThatThrownBy(gone::await).isInstanceOf(CancellationException.class);
    batcher.close();
    assertThat(batches).containsExactly(List.of(tokens(0, 4)));
  }

  @Test
  void aSharedFlightSurvivesTheLossOfOneCaller() throws InterruptedException {
    EncodeTicket busy = occupy();
    EncodeTicket gone = batcher.submit(tokens(1, 4), LAYERS);
    EncodeTicket left = batcher.submit(tokens(1, 4), LAYERS);
    gone.cancel();
    assertThat(batcher.waiting()).isEqualTo(1);
    permits.release(2);
    busy.await();
    assertThat(left.await().tokenCount()).isEqualTo(1);
    assertThatThrownBy(gone::await).isInstanceOf(CancellationException.class);
  }

  @Test
  void cancellingAfterTheEndDoesNothing() throws InterruptedException {
    EncodeTicket ticket = occupy();
    permits.release(1);
    PromptEmbeds embeds = ticket.await();
    ticket.cancel();
    assertThat(ticket.await()).isSameAs(embeds);
  }

  @Test
  void refusesWhatTheQueueCannotHoldAndSaysWhenToComeBack() throws InterruptedException {
    occupy();
    for (int i = 1; i <= 3; i++) {
      batcher.submit(tokens(i, 4), LAYERS);
    }
    batcher.submit(tokens(2, 4), LAYERS);
    assertThatThrownBy(() -> batcher.submit(tokens(4, 5), LAYERS))
        .isInstanceOfSatisfying(
            QueueFullException.class,
            e ->
                assertThat(e.retryAfter())
                    .isBetween(Duration.ofMillis(100), Duration.ofSeconds(30)))
        .hasMessage("queue: 3 prompts wait (expected: below 3)");
  }

  @Test
  void aFailedBatchFailsItsCallersAndNoOthers() {
    IllegalStateException broken = new IllegalStateException("broken");
    try (EncodeBatcher failing =
        new EncodeBatcher(
            (batch, layers) -> {
              if (batch.getFirst().sequence().tokenCount() == 1) {
                throw broken;
              }
              return embeds(batch);
            },
            3,
            2)) {
      assertThatThrownBy(() -> failing.submit(tokens(1, 4), LAYERS).await())
          .isInstanceOf(CompletionException.class)
          .hasCause(broken);
      assertThat(failing.submit(tokens(2, 4), LAYERS).await().tokenCount()).isEqualTo(2);
    }
  }

  @Test
  void tellsItsOwnerThatTheDeviceIsLost() {
    BackendLostException loss = new BackendLostException("illegal address", null);
    try (EncodeBatcher failing =
        new EncodeBatcher(
            (_, _) -> {
              throw loss;
            },
            3,
            2)) {
      assertThat(failing.lost()).isNotDone();
      assertThatThrownBy(() -> failing.submit(tokens(1, 4), LAYERS).await())
          .isInstanceOf(CompletionException.class)
          .hasCause(loss);
      assertThat(failing.lost().join()).isSameAs(loss);
    }
  }

  @Test
  void encodesOneByOneWhatFindsNoMemoryTogether() throws InterruptedException {
    most = 1;
    EncodeTicket running = occupy();
    EncodeTicket one = batcher.submit(tokens(1, 4), LAYERS);
    EncodeTicket two = batcher.submit(tokens(2, 4), LAYERS);
    permits.release(4);

    assertThat(running.await().tokenCount()).isZero();
    assertThat(one.await().tokenCount()).isEqualTo(1);
    assertThat(two.await().tokenCount()).isEqualTo(2);
    assertThat(batches).extracting(List::size).containsExactly(1, 2, 1, 1);
  }

  @Test
  void failsAloneWhatFindsNoMemoryAlone() {
    most = 0;
    permits.release(1);
    assertThatThrownBy(() -> batcher.submit(tokens(1, 4), LAYERS).await())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(DeviceMemoryException.class);
  }

  @Test
  void closingTellsThoseWhoWaitAndFinishesWhatRuns() throws InterruptedException {
    EncodeTicket running = occupy();
    EncodeTicket waiting = batcher.submit(tokens(1, 4), LAYERS);
    Thread closing = Thread.ofVirtual().start(batcher::close);
    assertThatThrownBy(waiting::await)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> batcher.submit(tokens(2, 4), LAYERS))
        .isInstanceOf(RejectedExecutionException.class);
    permits.release(1);
    assertThat(running.await().tokenCount()).isZero();
    closing.join();
    assertThat(batches).hasSize(1);
  }

  /** A flight that is on the device until a permit comes. */
  private EncodeTicket occupy() throws InterruptedException {
    EncodeTicket ticket = batcher.submit(tokens(0, 4), LAYERS);
    assertThat(arrived.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    return ticket;
  }

  private List<PromptEmbeds> encode(List<PromptTokens> batch, OutputLayers layers) {
    batches.add(batch);
    arrived.release();
    permits.acquireUninterruptibly();
    if (batch.size() > most) {
      throw new DeviceMemoryException("device memory: too little", null);
    }
    return embeds(batch);
  }

  private static List<PromptEmbeds> embeds(List<PromptTokens> batch) {
    return batch.stream()
        .map(PromptTokens::sequence)
        .map(tokens ->
            new PromptEmbeds(
                HostTensor.zeros(DType.F32, Shape.of(tokens.length(), 2)),
                tokens.tokenCount(),
                false))
        .toList();
  }

  /** {@code count} tokens in {@code length} places. */
  private static PromptTokens tokens(int count, int length) {
    return PromptTokens.of(new TokenIds(java.util.Collections.nCopies(length, 7), 0, count, false));
  }
}

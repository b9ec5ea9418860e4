package dev.fluxgate.gateway.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.v1.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EmbeddingCacheTest {
  private final EmbeddingCache cache = new EmbeddingCache(100_000);

  @Test
  void encodesAPromptOnce() {
    EmbeddingCache.Found first = cache.acquire(key(1), () -> prompt(1, 100));
    EmbeddingCache.Found second = cache.acquire(key(1), EmbeddingCacheTest::never);

    assertThat(first.cached()).isFalse();
    assertThat(second.cached()).isTrue();
    assertThat(second.prompt()).isSameAs(first.prompt());
    assertThat(cache.hits()).isEqualTo(1);
    assertThat(cache.misses()).isEqualTo(1);
  }

  @Test
  void staysWithinItsBytesWhateverPassesThrough() {
    for (int i = 0; i < 200; i++) {
      int number = i;
      EmbeddingCache.Found found = cache.acquire(key(i), () -> prompt(number, 5_000));
      cache.release(identity(found.prompt()));
      assertThat(cache.bytes()).isLessThanOrEqualTo(100_000);
    }
    assertThat(cache.bytes()).isGreaterThan(50_000);
  }

  @Test
  void findsWhatIsHeldEvenIfTheCacheDroppedIt() {
    EncodedPrompt big = cache.acquire(key(1), () -> prompt(1, 200_000)).prompt();

    assertThat(cache.bytes()).isZero();
    assertThat(cache.find(identity(big))).contains(big.tensor());
    cache.release(identity(big));
    assertThat(cache.find(identity(big))).isEmpty();
  }

  @Test
  void keepsWhatTwoHoldUntilBothHaveReleasedIt() {
    EncodedPrompt prompt = cache.acquire(key(1), () -> prompt(1, 10)).prompt();
    cache.acquire(key(1), EmbeddingCacheTest::never);

    cache.release(identity(prompt));
    assertThat(cache.find(identity(prompt))).isPresent();
    cache.release(identity(prompt));
    assertThat(cache.find(identity(prompt))).isEmpty();
  }

  @Test
  void encodesOnceForAllWhoAskAtOnce() throws Exception {
    AtomicInteger encodings = new AtomicInteger();
    CountDownLatch encoding = new CountDownLatch(1);
    CountDownLatch proceed = new CountDownLatch(1);
    CompletableFuture<EmbeddingCache.Found> first =
        CompletableFuture.supplyAsync(
            () ->
                cache.acquire(
                    key(1),
                    () -> {
                      encodings.incrementAndGet();
                      encoding.countDown();
                      await(proceed);
                      return prompt(1, 10);
                    }),
            Thread::startVirtualThread);
    encoding.await();
    List<CompletableFuture<EmbeddingCache.Found>> others = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      others.add(
          CompletableFuture.supplyAsync(
              () -> cache.acquire(key(1), EmbeddingCacheTest::never), Thread::startVirtualThread));
    }
    proceed.countDown();

    assertThat(first.get(60, TimeUnit.SECONDS).cached()).isFalse();
    for (CompletableFuture<EmbeddingCache.Found> other : others) {
      assertThat(other.get(60, TimeUnit.SECONDS).cached()).isTrue();
    }
    assertThat(encodings).hasValue(1);
  }

  @Test
  void tellsAFailureAndForgetsIt() {
    EncodingFailedException failure =
        new EncodingFailedException("X", "refused", new IllegalStateException());

    assertThatExceptionOfType(EncodingFailedException.class)
        .isThrownBy(() ->
            cache.acquire(
                key(1),
                () -> {
                  throw failure;
                }))
        .isSameAs(failure);
    assertThat(cache.acquire(key(1), () -> prompt(1, 10)).cached()).isFalse();
  }

  private static EmbeddingKey key(int number) {
    return new EmbeddingKey("key-" + number);
  }

  private static EncodedPrompt prompt(int number, int bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes).putInt(0, number);
    return new EncodedPrompt(
        TensorChunks.pack("prompt_embeds", DType.D_TYPE_U8, new long[] {1, bytes}, data),
        null,
        1,
        false);
  }

  private static ByteString identity(EncodedPrompt prompt) {
    return TensorIdentity.of(prompt.tensor().header());
  }

  private static EncodedPrompt never() {
    throw new AssertionError("encoded again");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

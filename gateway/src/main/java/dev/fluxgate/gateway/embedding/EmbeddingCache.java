package dev.fluxgate.gateway.embedding;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorIdentity;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Embeddings by key, bounded by bytes; equal prompts that come at once are encoded once. Whoever
 * needs an embedding for longer holds it: what is held is found by content whatever the cache has
 * dropped, so the jobs that wait bound the memory beyond the cache.
 */
public final class EmbeddingCache {
  /** What a key and its bookkeeping cost beside the bytes, roughly. */
  private static final int ENTRY_BYTES = 512;

  private final Cache<EmbeddingKey, EncodedPrompt> cache;
  private final Map<EmbeddingKey, CompletableFuture<EncodedPrompt>> flights =
      new ConcurrentHashMap<>();
  private final Map<ByteString, Held> held = new ConcurrentHashMap<>();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  private record Held(PackedTensor tensor, int holders) {}

  /**
   * A lookup.
   *
   * @param prompt the embedding; held until {@link #release}
   * @param cached whether nobody had to encode it for this
   */
  public record Found(EncodedPrompt prompt, boolean cached) {}

  /** An empty cache for at most {@code maxBytes}. */
  public EmbeddingCache(long maxBytes) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .<EmbeddingKey, EncodedPrompt>weigher((_, prompt) -> prompt.bytes() + ENTRY_BYTES)
            // Evicting on the thread that exceeds the bound keeps the bound.
            .executor(Runnable::run)
            .build();
  }

  /**
   * The embedding of a key, encoded by {@code encode} if it is not there, and held.
   *
   * @param encode called on this thread, at most once at a time for a key; a failure is told to all
   *     who wait and is not remembered
   */
  public Found acquire(EmbeddingKey key, Supplier<EncodedPrompt> encode) {
    EncodedPrompt present = cache.getIfPresent(key);
    CompletableFuture<EncodedPrompt> mine = new CompletableFuture<>();
    CompletableFuture<EncodedPrompt> flight =
        present == null
            ? flights.putIfAbsent(key, mine)
            : CompletableFuture.completedFuture(present);
    if (flight != null) {
      hits.increment();
      return new Found(hold(join(flight)), true);
    }
    try {
      present = cache.getIfPresent(key);
      if (present != null) {
        // It landed between the two looks.
        mine.complete(present);
        hits.increment();
        return new Found(hold(present), true);
      }
      misses.increment();
      return new Found(hold(land(key, mine, encode)), false);
    } finally {
      flights.remove(key, mine);
    }
  }

  private EncodedPrompt land(
      EmbeddingKey key, CompletableFuture<EncodedPrompt> mine, Supplier<EncodedPrompt> encode) {
    // Run here, but as a future: whatever goes wrong is told to all who wait for it.
    CompletableFuture<EncodedPrompt> made = CompletableFuture.supplyAsync(encode, Runnable::run);
    if (made.isCompletedExceptionally()) {
      mine.completeExceptionally(made.exceptionNow());
    } else {
      cache.put(key, made.join());
      mine.complete(made.join());
    }
    return join(mine);
  }

  private static EncodedPrompt join(CompletableFuture<EncodedPrompt> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private EncodedPrompt hold(EncodedPrompt prompt) {
    for (PackedTensor tensor : prompt.tensors()) {
      held.merge(
          TensorIdentity.of(tensor.header()),
          new Held(tensor, 1),
          (old, _) -> new Held(old.tensor(), old.holders() + 1));
    }
    return prompt;
  }

  /** Gives back one hold on a tensor; each {@link #acquire} needs one for each of its tensors. */
  public void release(ByteString identity) {
    held.computeIfPresent(
        identity,
        (_, old) -> old.holders() == 1 ? null : new Held(old.tensor(), old.holders() - 1));
  }

  /** A held tensor, by content. */
  public Optional<PackedTensor> find(ByteString identity) {
    return Optional.ofNullable(held.get(identity)).map(Held::tensor);
  }

  /** Bytes in the cache; what is only held is not counted. */
  public long bytes() {
    return cache.asMap().values().stream().mapToLong(prompt -> prompt.bytes() + ENTRY_BYTES).sum();
  }

  /** Lookups that found an embedding or one in the making. */
  public long hits() {
    return hits.sum();
  }

  /** Lookups that had to encode. */
  public long misses() {
    return misses.sum();
  }
}

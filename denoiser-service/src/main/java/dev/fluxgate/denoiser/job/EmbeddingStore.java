package dev.fluxgate.denoiser.job;

import dev.fluxgate.engine.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The embeddings a worker holds, by content, bounded by bytes; the least recently used leaves
 * first. An embedding larger than the bound is used and not kept.
 */
public final class EmbeddingStore {
  private static final float LOAD_FACTOR = 0.75f;

  private final Map<String, HostTensor> held = new LinkedHashMap<>(16, LOAD_FACTOR, true);
  private final long maxBytes;
  private long bytes;

  /** Holds at most {@code maxBytes}. */
  public EmbeddingStore(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The embedding, fetched if it is not held. */
  public HostTensor get(EmbeddingRef embedding, Function<EmbeddingRef, HostTensor> fetch) {
    synchronized (held) {
      HostTensor known = held.get(embedding.sha256());
      if (known != null) {
        return known;
      }
    }
    HostTensor fetched = fetch.apply(embedding);
    synchronized (held) {
      if (held.put(embedding.sha256(), fetched) == null) {
        bytes += fetched.data().byteSize();
      }
      var eldest = held.entrySet().iterator();
      while (bytes > maxBytes && eldest.hasNext()) {
        bytes -= eldest.next().getValue().data().byteSize();
        eldest.remove();
      }
    }
    return fetched;
  }

  /** Hashes of what is held, in hexadecimal. */
  public List<String> hashes() {
    synchronized (held) {
      return List.copyOf(held.keySet());
    }
  }
}

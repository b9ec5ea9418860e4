package dev.fluxgate.encoder.generate;

import dev.fluxgate.encoder.model.EmbeddingOverlay;
import java.util.List;

/**
 * What an answer continues.
 *
 * @param ids tokens without padding: it would be masked, and positions count without it
 * @param overlay embeddings that replace those of some tokens
 */
public record GenerationPrompt(List<Integer> ids, EmbeddingOverlay overlay) {

  /** Copies the ids. */
  public GenerationPrompt {
    ids = List.copyOf(ids);
    if (ids.isEmpty()) {
      throw new IllegalArgumentException("prompt: 0 tokens (expected: at least 1)");
    }
  }

  /** Tokens from {@code from} up to {@code to}. */
  int[] ids(int from, int to) {
    return ids.subList(from, to).stream().mapToInt(Integer::intValue).toArray();
  }

  /** Without the ids: they are the prompt, which no log may hold. */
  @Override
  public String toString() {
    return ids.size() + " ids";
  }
}

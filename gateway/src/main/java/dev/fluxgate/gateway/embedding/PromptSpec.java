package dev.fluxgate.gateway.embedding;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt and how it is to be encoded, every default filled in.
 *
 * @param prompt exactly as typed
 * @param prompt2 for the second encoder, exactly as typed; null: the same
 * @param maxSequenceLength token positions of the embedding
 * @param outputLayers hidden states to stack, ascending
 * @param pooled whether the pooled embedding is wanted, too
 */
public record PromptSpec(
    String prompt,
    @Nullable String prompt2,
    int maxSequenceLength,
    List<Integer> outputLayers,
    boolean pooled) {
  /** Copies the list, and takes an empty second prompt for none. */
  public PromptSpec {
    outputLayers = List.copyOf(outputLayers);
    // As the reference reads it: an empty one is none.
    prompt2 = prompt2 == null || prompt2.isEmpty() ? null : prompt2;
  }
}

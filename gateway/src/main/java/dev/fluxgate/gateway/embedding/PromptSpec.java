package dev.fluxgate.gateway.embedding;

import java.util.List;

/**
 * A prompt and how it is to be encoded, every default filled in.
 *
 * @param prompt exactly as typed
 * @param maxSequenceLength token positions of the embedding
 * @param outputLayers hidden states to stack, ascending
 */
public record PromptSpec(String prompt, int maxSequenceLength, List<Integer> outputLayers) {
  /** Copies the list. */
  public PromptSpec {
    outputLayers = List.copyOf(outputLayers);
  }
}

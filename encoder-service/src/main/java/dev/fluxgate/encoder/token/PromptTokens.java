package dev.fluxgate.encoder.token;

import org.jspecify.annotations.Nullable;

/**
 * A prompt as each text encoder of its family takes it.
 *
 * @param sequence ids of which every one becomes a row of the embedding
 * @param pooled ids that become one vector together; null where a family has none
 */
public record PromptTokens(TokenIds sequence, @Nullable TokenIds pooled) {

  /** For a family with one text encoder. */
  public static PromptTokens of(TokenIds sequence) {
    return new PromptTokens(sequence, null);
  }

  /** Whether both can be encoded in one batch. */
  public boolean fits(PromptTokens other) {
    return sequence.length() == other.sequence.length() && pooledLength() == other.pooledLength();
  }

  /** Without the ids: they are the prompt, which no log may hold. */
  @Override
  public String toString() {
    return pooled == null ? sequence.toString() : sequence + " and " + pooled;
  }

  private int pooledLength() {
    return pooled == null ? 0 : pooled.length();
  }
}

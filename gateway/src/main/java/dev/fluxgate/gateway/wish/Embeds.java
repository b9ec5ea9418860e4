package dev.fluxgate.gateway.wish;

import dev.fluxgate.gateway.input.InputRef;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings that a request brings in place of prompts.
 *
 * @param prompt null: the prompt is encoded
 * @param pooled goes with {@code prompt} where the model takes one
 * @param negative null: the negative prompt is encoded
 * @param negativePooled goes with {@code negative} where the model takes one
 */
public record Embeds(
    @Nullable InputRef prompt,
    @Nullable InputRef pooled,
    @Nullable InputRef negative,
    @Nullable InputRef negativePooled) {
  /** All are encoded. */
  public static final Embeds NONE = new Embeds(null, null, null, null);
}

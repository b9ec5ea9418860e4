package dev.fluxgate.encoder.embed;

import dev.fluxgate.engine.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/**
 * What the transformer is conditioned on.
 *
 * @param tensor (L, k·D), padding rows included, in the type of the encoder
 * @param tokenCount rows that are no padding
 * @param truncated whether the prompt lost its end
 * @param pooled the second tensor of a family that has one, else null
 */
public record PromptEmbeds(
    HostTensor tensor, int tokenCount, boolean truncated, @Nullable Pooled pooled) {

  /**
   * One vector for all of a prompt.
   *
   * @param tensor (D), in the type of the encoder
   * @param truncated whether the prompt lost its end on the way to it
   */
  public record Pooled(HostTensor tensor, boolean truncated) {}

  /** For a family without a pooled tensor. */
  public PromptEmbeds(HostTensor tensor, int tokenCount, boolean truncated) {
    this(tensor, tokenCount, truncated, null);
  }

  /**
   * These embeds.
   *
   * @throws NonFiniteEmbedsException for values that no transformer can use
   */
  public PromptEmbeds requireFinite() {
    requireFinite("prompt_embeds", tensor);
    if (pooled != null) {
      requireFinite("pooled_prompt_embeds", pooled.tensor);
    }
    return this;
  }

  private static void requireFinite(String name, HostTensor tensor) {
    long total = tensor.shape().count();
    long broken = 0;
    for (long i = 0; i < total; i++) {
      if (!Float.isFinite(tensor.get(i))) {
        broken++;
      }
    }
    if (broken > 0) {
      throw new NonFiniteEmbedsException(name, broken, total);
    }
  }
}

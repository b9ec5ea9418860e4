package dev.fluxgate.denoiser.request;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What a job is told of the prompts. P prompts; every value is a number.
 *
 * @param positive of P prompts
 * @param negative of P prompts or one: what to steer away from; only true guidance reads it
 */
public record PromptEmbeds(TextEmbeds positive, @Nullable TextEmbeds negative) {

  /**
   * Looks at every value.
   *
   * @throws IllegalArgumentException naming the first that is no number
   */
  public PromptEmbeds {
    positive.checkFinite("prompt embeds");
    if (negative != null) {
      negative.checkFinite("negative prompt embeds");
    }
  }

  /** Of FLUX.2: (P, L, width), and perhaps (P or 1, L', width) to steer away from. */
  public static PromptEmbeds of(HostTensor positive, @Nullable HostTensor negative) {
    return new PromptEmbeds(
        TextEmbeds.of(positive), negative == null ? null : TextEmbeds.of(negative));
  }

  /** Without anything to steer away from. */
  public static PromptEmbeds of(HostTensor positive) {
    return of(positive, null);
  }

  /** What a plan needs to know of them. */
  public PromptShapes shapes() {
    return new PromptShapes(
        positive.sequence().shape(), negative == null ? null : negative.sequence().shape());
  }

  /**
   * Shapes of the sequences, which decide the memory of a job.
   *
   * @param positive (P, L, width)
   * @param negative (P or 1, L', width), if there are any
   */
  public record PromptShapes(Shape positive, @Nullable Shape negative) {}
}

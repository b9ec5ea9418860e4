package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * How much text a job has, and how many pictures.
 *
 * @param count number of prompts
 * @param imagesPerPrompt pictures for each; those of one prompt are neighbours
 * @param tokens of a prompt
 * @param negativeCount 0 without true guidance, 1 for all, or one a prompt
 * @param negativeTokens tokens of a negative prompt
 */
public record PromptCounts(
    int count, int imagesPerPrompt, int tokens, int negativeCount, int negativeTokens) {
  private static final int MAX_IMAGES = 1 << 16;

  /** Checks that no number of pictures overflows. */
  public PromptCounts {
    if ((long) count * imagesPerPrompt > MAX_IMAGES) {
      throw new IllegalArgumentException(
          "job: %d prompts, %d images each (expected: at most %d images)"
              .formatted(count, imagesPerPrompt, MAX_IMAGES));
    }
  }

  /**
   * Of a job with these embeds.
   *
   * @param width features of a token that the model takes
   * @param steersAway whether a second pass needs negative embeds
   * @throws IllegalArgumentException if the embeds are none for the model
   */
  public static PromptCounts of(
      PromptShapes shapes, int imagesPerPrompt, int width, boolean steersAway) {
    Shape positive = shapes.positive();
    checkEmbeds("prompt embeds", positive, width);
    int negativeCount = 0;
    int negativeTokens = 0;
    if (steersAway) {
      Shape negative = required(shapes.negative(), positive);
      checkEmbeds("negative prompt embeds", negative, width);
      negativeCount = negative.size(0);
      negativeTokens = negative.size(1);
    }
    return new PromptCounts(
        positive.size(0), imagesPerPrompt, positive.size(1), negativeCount, negativeTokens);
  }

  private static Shape required(@Nullable Shape negative, Shape positive) {
    if (negative == null) {
      throw new IllegalArgumentException(
          "negative prompt embeds: none (expected: some, for true guidance above 1)");
    }
    if (negative.rank() == 3 && negative.dim(0) != 1 && negative.dim(0) != positive.dim(0)) {
      throw new IllegalArgumentException(
          "negative prompt embeds: "
              + negative
              + " (expected: one, or one for each of "
              + positive.dim(0)
              + " prompts)");
    }
    return negative;
  }

  private static void checkEmbeds(String name, Shape shape, int width) {
    if (shape.rank() != 3 || shape.count() == 0 || shape.dim(2) != width) {
      throw new IllegalArgumentException(
          name + ": " + shape + " (expected: [prompts, tokens, " + width + "])");
    }
  }

  /** Number of pictures. */
  public int images() {
    return count * imagesPerPrompt;
  }

  /** Whether every step takes a second, negative pass. */
  public boolean steersAway() {
    return negativeCount > 0;
  }

  /** Text tokens of all prompts, negative ones too. */
  long allTokens() {
    return (long) count * tokens + (long) negativeCount * negativeTokens;
  }
}

package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.engine.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides how much memory and work a job takes; known before its prompt embeds are.
 *
 * @param grid image tokens of a picture
 * @param prompts number of prompts
 * @param imagesPerPrompt pictures for each; those of one prompt are neighbours
 * @param textTokens tokens of a prompt
 * @param negativePrompts 0 without classifier-free guidance, 1 for all, or one a prompt
 * @param negativeTokens tokens of a negative prompt
 * @param steps denoising steps
 * @param previews whether pictures may be looked at between the steps
 */
public record JobSize(
    LatentGrid grid,
    int prompts,
    int imagesPerPrompt,
    int textTokens,
    int negativePrompts,
    int negativeTokens,
    int steps,
    boolean previews) {
  private static final Shape NOTHING = Shape.of(0, 0, 0);

  /** Most tokens of a kind in one job; far more than fit into memory. */
  private static final long MAX_TOKENS = 1 << 26;

  /** Checks that no number of rows overflows. */
  public JobSize {
    long imageTokens = (long) prompts * imagesPerPrompt * grid.tokens();
    long promptTokens = (long) prompts * textTokens + (long) negativePrompts * negativeTokens;
    if (imageTokens > MAX_TOKENS || promptTokens > MAX_TOKENS) {
      throw new IllegalArgumentException(
          "job: %d prompts, %d images each: %d image and %d text tokens (expected: at most %d)"
              .formatted(prompts, imagesPerPrompt, imageTokens, promptTokens, MAX_TOKENS));
    }
  }

  /**
   * The size of a job of {@code model}.
   *
   * @param positive shape of the prompt embeds, (P, L, width)
   * @param negative shape of the negative ones, if there are any
   * @throws IllegalArgumentException if the model cannot do it; the message says what it can
   */
  public static JobSize of(
      DenoiserModel model, DenoiseRequest request, Shape positive, @Nullable Shape negative) {
    int width = model.transformer().params().promptWidth();
    checkEmbeds("prompt embeds", positive, width);
    LatentGrid grid =
        request.roundSize()
            ? LatentGrid.floored(request.width(), request.height(), model.tokenPixels())
            : LatentGrid.of(request.width(), request.height(), model.tokenPixels());
    Shape steeredFrom = NOTHING;
    if (model.isClassifierFree(request.guidanceScale())) {
      steeredFrom = required(negative, positive, request.guidanceScale());
      checkEmbeds("negative prompt embeds", steeredFrom, width);
    }
    return new JobSize(
        grid,
        positive.size(0),
        request.numImages(),
        positive.size(1),
        steeredFrom.size(0),
        steeredFrom.size(1),
        request.sigmas().isEmpty() ? request.numInferenceSteps() : request.sigmas().size(),
        request.previews());
  }

  private static Shape required(@Nullable Shape negative, Shape positive, double guidanceScale) {
    if (negative == null) {
      throw new IllegalArgumentException(
          "negative prompt embeds: none (expected: some, for guidance_scale "
              + guidanceScale
              + " on a model that is not distilled)");
    }
    if (negative.dim(0) != 1 && negative.dim(0) != positive.dim(0)) {
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
    return prompts * imagesPerPrompt;
  }

  /** Whether every step takes a second, negative pass. */
  public boolean isClassifierFree() {
    return negativePrompts > 0;
  }
}

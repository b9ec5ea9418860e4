package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.latent.LatentGrid;
import java.util.List;

/**
 * Everything that decides how much memory and work a job takes; known before its prompt embeds and
 * the latents of its pictures are.
 *
 * @param grid image tokens of a picture
 * @param prompts numbers of prompts, pictures and text tokens
 * @param steps denoising steps that are run
 * @param references image tokens of the pictures that are looked at, in order
 * @param previews whether pictures may be looked at between the steps
 */
public record JobSize(
    LatentGrid grid,
    PromptCounts prompts,
    int steps,
    List<LatentGrid> references,
    boolean previews) {

  /** Most tokens of a kind in one job; far more than fit into memory. */
  private static final long MAX_TOKENS = 1 << 26;

  /** Checks that no number of rows overflows. */
  public JobSize {
    references = List.copyOf(references);
    long imageTokens = (long) prompts.images() * grid.tokens();
    long referenceTokens = references.stream().mapToLong(LatentGrid::tokens).sum();
    long textTokens = prompts.allTokens();
    if (imageTokens > MAX_TOKENS || textTokens > MAX_TOKENS || referenceTokens > MAX_TOKENS) {
      throw new IllegalArgumentException(
          "job: %d prompts, %d images each: %d image, %d reference and %d text tokens (expected: at most %d)"
              .formatted(
                  prompts.count(),
                  prompts.imagesPerPrompt(),
                  imageTokens,
                  referenceTokens,
                  textTokens,
                  MAX_TOKENS));
    }
  }

  /** Number of pictures. */
  public int images() {
    return prompts.images();
  }

  /** Tokens of all references. */
  public int referenceTokens() {
    return references.stream().mapToInt(LatentGrid::tokens).sum();
  }
}

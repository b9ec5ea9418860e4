package dev.fluxgate.gateway.wish;

import org.jspecify.annotations.Nullable;

/**
 * What steers beside the prompt.
 *
 * @param negativePrompt what the picture shall not show; null: nothing in particular
 * @param trueCfgScale strength of guidance by it; null: the pipeline's default
 * @param prompt2 prompt of the second encoder; null: the first's
 * @param negativePrompt2 negative prompt of the second encoder; null: the first's
 */
public record Guidance(
    @Nullable String negativePrompt,
    @Nullable Float trueCfgScale,
    @Nullable String prompt2,
    @Nullable String negativePrompt2) {
  /** The prompt alone. */
  public static final Guidance NONE = new Guidance(null, null, null, null);
}

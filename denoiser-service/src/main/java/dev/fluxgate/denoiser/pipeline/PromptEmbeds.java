package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.engine.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/**
 * What the text encoder made of the prompts. P prompts, L tokens.
 *
 * @param positive (P, L, width), of any float type
 * @param negative (P or 1, L', width): what to steer away from; only classifier-free guidance reads
 *     it
 */
public record PromptEmbeds(HostTensor positive, @Nullable HostTensor negative) {

  /** Without anything to steer away from. */
  public static PromptEmbeds of(HostTensor positive) {
    return new PromptEmbeds(positive, null);
  }
}

package dev.fluxgate.encoder.embed;

import dev.fluxgate.engine.tensor.HostTensor;

/**
 * What the transformer is conditioned on.
 *
 * @param tensor (L, k·D), padding rows included, in the type of the encoder
 * @param tokenCount rows that are no padding
 * @param truncated whether the prompt lost its end
 */
public record PromptEmbeds(HostTensor tensor, int tokenCount, boolean truncated) {}

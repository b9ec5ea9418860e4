/**
 * What the pipelines of all families are built from: noise, prompts, the loop over the steps, true
 * guidance, decoding. Start at {@link dev.fluxgate.denoiser.pipeline.block.DenoisingLoop}.
 */
@NullMarked
package dev.fluxgate.denoiser.pipeline.block;

import org.jspecify.annotations.NullMarked;

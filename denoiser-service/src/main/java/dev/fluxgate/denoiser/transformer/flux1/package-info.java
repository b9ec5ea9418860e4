/**
 * The transformer of FLUX.1: noisy latents, prompt embeds, pooled embed and time → velocity. Start
 * at {@link dev.fluxgate.denoiser.transformer.flux1.Flux1Transformer}.
 */
@NullMarked
package dev.fluxgate.denoiser.transformer.flux1;

import org.jspecify.annotations.NullMarked;

/**
 * The transformer of FLUX.2: noisy latents, prompt embeds and time → velocity. Start at {@link
 * dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer}.
 */
@NullMarked
package dev.fluxgate.denoiser.transformer.flux2;

import org.jspecify.annotations.NullMarked;

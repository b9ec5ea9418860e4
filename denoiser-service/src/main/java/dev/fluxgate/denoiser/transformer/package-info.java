/**
 * Noisy latents, prompt embeds and time → velocity. Start at {@link
 * dev.fluxgate.denoiser.transformer.Flux2Transformer}.
 */
@NullMarked
package dev.fluxgate.denoiser.transformer;

import org.jspecify.annotations.NullMarked;

/**
 * Noisy latents, prompt embeds and time → velocity: what the transformers of the families share.
 * Start at {@link dev.fluxgate.denoiser.transformer.AxialRope}, and for a whole one in a package
 * such as {@code flux2}.
 */
@NullMarked
package dev.fluxgate.denoiser.transformer;

import org.jspecify.annotations.NullMarked;

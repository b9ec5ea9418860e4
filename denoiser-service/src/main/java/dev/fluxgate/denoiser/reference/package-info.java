/**
 * Pictures to look at while drawing → pixels as the VAE takes them, and their latents, kept by
 * content. Start at {@link dev.fluxgate.denoiser.reference.LatentCache}.
 */
@NullMarked
package dev.fluxgate.denoiser.reference;

import org.jspecify.annotations.NullMarked;

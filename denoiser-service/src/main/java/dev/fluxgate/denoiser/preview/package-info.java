/**
 * Latents → a small picture of what they stand for, by a linear projection that is fitted to what
 * the VAE makes of them. Start at {@link dev.fluxgate.denoiser.preview.LatentPreview}.
 */
@NullMarked
package dev.fluxgate.denoiser.preview;

import org.jspecify.annotations.NullMarked;

/**
 * Latents → pixels and pixels → latents. Start at {@link dev.fluxgate.denoiser.vae.VaeDecoder}.
 * Feature maps are (B, h, w, C) throughout, h × w their size at the level.
 */
@NullMarked
package dev.fluxgate.denoiser.vae;

import org.jspecify.annotations.NullMarked;

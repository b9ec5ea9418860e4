/**
 * Large pictures → overlapping tiles → passes of the VAE → one picture, in bounded memory (flux2
 * spec §4.6). Start at {@link dev.fluxgate.denoiser.vae.tile.Tiling}.
 */
@NullMarked
package dev.fluxgate.denoiser.vae.tile;

import org.jspecify.annotations.NullMarked;

/**
 * Picture sizes → grids of tokens, their positions and the order of their numbers. Start at {@link
 * dev.fluxgate.denoiser.latent.LatentGrid}.
 */
@NullMarked
package dev.fluxgate.denoiser.latent;

import org.jspecify.annotations.NullMarked;

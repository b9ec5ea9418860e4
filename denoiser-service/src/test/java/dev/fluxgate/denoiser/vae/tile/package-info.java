/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.vae.tile;

import org.jspecify.annotations.NullMarked;

/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.latent;

import org.jspecify.annotations.NullMarked;

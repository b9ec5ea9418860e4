/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.vae;

import org.jspecify.annotations.NullMarked;

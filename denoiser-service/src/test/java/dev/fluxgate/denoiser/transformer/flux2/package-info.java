/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.transformer.flux2;

import org.jspecify.annotations.NullMarked;

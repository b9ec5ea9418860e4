/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.picture;

import org.jspecify.annotations.NullMarked;

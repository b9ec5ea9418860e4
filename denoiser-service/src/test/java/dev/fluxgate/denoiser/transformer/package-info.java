/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.transformer;

import org.jspecify.annotations.NullMarked;

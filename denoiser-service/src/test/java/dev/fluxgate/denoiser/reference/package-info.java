/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.reference;

import org.jspecify.annotations.NullMarked;

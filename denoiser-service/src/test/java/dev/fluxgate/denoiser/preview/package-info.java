/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.preview;

import org.jspecify.annotations.NullMarked;

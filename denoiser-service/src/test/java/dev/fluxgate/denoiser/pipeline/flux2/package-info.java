/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.pipeline.flux2;

import org.jspecify.annotations.NullMarked;

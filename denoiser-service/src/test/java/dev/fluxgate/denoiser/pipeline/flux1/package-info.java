/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.pipeline.flux1;

import org.jspecify.annotations.NullMarked;

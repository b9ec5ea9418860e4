/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.pipeline;

import org.jspecify.annotations.NullMarked;

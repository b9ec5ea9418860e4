/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.pipeline.block;

import org.jspecify.annotations.NullMarked;

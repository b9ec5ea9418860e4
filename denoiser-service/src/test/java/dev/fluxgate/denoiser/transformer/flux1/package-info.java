/** The transformer of FLUX.1 against the reference, and against checkpoints that cannot be. */
@NullMarked
package dev.fluxgate.denoiser.transformer.flux1;

import org.jspecify.annotations.NullMarked;

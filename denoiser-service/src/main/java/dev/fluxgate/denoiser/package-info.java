/** A denoiser worker: job → image. Start at {@link dev.fluxgate.denoiser.DenoiserProcess}. */
@NullMarked
package dev.fluxgate.denoiser;

import org.jspecify.annotations.NullMarked;

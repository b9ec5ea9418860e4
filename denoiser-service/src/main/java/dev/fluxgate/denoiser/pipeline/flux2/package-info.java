/**
 * The pipelines of the FLUX.2 family, one page each. Start at {@link
 * dev.fluxgate.denoiser.pipeline.flux2.Flux2Pipeline}.
 */
@NullMarked
package dev.fluxgate.denoiser.pipeline.flux2;

import org.jspecify.annotations.NullMarked;

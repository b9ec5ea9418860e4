/**
 * The pipelines of the FLUX.1 family, one page each. Start at {@link
 * dev.fluxgate.denoiser.pipeline.flux1.FluxPipeline}.
 */
@NullMarked
package dev.fluxgate.denoiser.pipeline.flux1;

import org.jspecify.annotations.NullMarked;

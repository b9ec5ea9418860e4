/**
 * What is asked of a pipeline, sorted by noun. Start at {@link
 * dev.fluxgate.denoiser.request.DenoiseRequest}.
 */
@NullMarked
package dev.fluxgate.denoiser.request;

import org.jspecify.annotations.NullMarked;

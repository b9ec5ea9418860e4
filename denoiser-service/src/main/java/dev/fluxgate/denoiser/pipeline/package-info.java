/**
 * Prompt embeds and pictures → pictures, every stage in order. Start at {@link
 * dev.fluxgate.denoiser.pipeline.PipelineChoice}, which knows who can do what, and read on in a
 * page such as {@link dev.fluxgate.denoiser.pipeline.flux2.Flux2Pipeline}.
 */
@NullMarked
package dev.fluxgate.denoiser.pipeline;

import org.jspecify.annotations.NullMarked;

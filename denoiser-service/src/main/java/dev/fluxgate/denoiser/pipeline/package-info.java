/**
 * Requests and prompt embeds → pictures: one page a pipeline, over a loaded model. Start at {@link
 * dev.fluxgate.denoiser.pipeline.TextToImagePipeline}; pipelines that start from pictures (edit,
 * inpaint) stand beside it.
 */
@NullMarked
package dev.fluxgate.denoiser.pipeline;

import org.jspecify.annotations.NullMarked;

package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;

/** Prompt embeds and perhaps pictures → pictures, in one of the ways that a model knows. */
public interface Pipeline {

  /** Which way. */
  PipelineKind kind();

  /** Whether the request takes a second pass a step, and so negative prompt embeds. */
  boolean steersAway(DenoiseRequest request);

  /**
   * Bytes of activation memory that a job takes, exactly; in tiles where it must be.
   *
   * @throws IllegalArgumentException if the model cannot do it; the message says what it can
   */
  long plannedBytes(DenoiseRequest request, PromptShapes prompts);

  /**
   * Runs a job.
   *
   * @throws IllegalArgumentException if the model cannot do it; the message says what it can
   * @throws dev.fluxgate.engine.backend.failure.DeviceMemoryException if it takes more memory than
   *     the pipeline may, even in tiles, or than the device has
   * @throws DenoiseCancelledException if the listener asked for it
   * @throws NonFiniteResultException if the model computed what is no number
   */
  GeneratedImages run(DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener);
}

package dev.fluxgate.denoiser.picture;

import dev.fluxgate.engine.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/** Draws. Used by one thread, the one that owns the device. */
public interface PictureMaker extends AutoCloseable {

  /** What it draws with. */
  DrawingModel model();

  /**
   * Draws the pictures of a job.
   *
   * @param promptEmbeds (L, text width)
   * @param negativePromptEmbeds (L, text width), where the model guides without a classifier
   * @throws JobStoppedException if {@code progress} asked to stop
   * @throws JobFailedException if it cannot be drawn
   */
  Pictures draw(
      Drawing drawing,
      HostTensor promptEmbeds,
      @Nullable HostTensor negativePromptEmbeds,
      JobProgress progress);

  @Override
  void close();
}

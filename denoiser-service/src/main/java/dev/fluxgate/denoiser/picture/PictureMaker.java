package dev.fluxgate.denoiser.picture;

/** Draws. Used by one thread, the one that owns the device. */
public interface PictureMaker extends AutoCloseable {

  /** What it draws with. */
  DrawingModel model();

  /**
   * Draws the pictures of a job.
   *
   * @throws JobStoppedException if {@code progress} asked to stop
   * @throws JobFailedException if it cannot be drawn
   */
  Pictures draw(Drawing drawing, DrawingInputs inputs, JobProgress progress);

  @Override
  void close();
}

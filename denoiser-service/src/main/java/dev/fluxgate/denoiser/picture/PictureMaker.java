package dev.fluxgate.denoiser.picture;

/** Draws. Used by one thread, the one that owns the device, but for {@link #plan}. */
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

  /**
   * What a job would take, before any of its inputs are there; from any thread, and while another
   * is drawn.
   *
   * @throws IllegalArgumentException if it cannot be drawn, however much memory there is
   */
  Need plan(Drawing drawing, DrawingInputs.Shapes shapes);

  /**
   * Activation memory of a job.
   *
   * @param bytes that it takes
   * @param limit most bytes that it may take
   */
  record Need(long bytes, long limit) {}

  @Override
  void close();
}

package dev.fluxgate.denoiser.picture;

/** How a job at work talks with whoever gave it: tells each step, and asks whether to go on. */
public interface JobProgress {

  /** What a worker does next. */
  enum Stage {
    /** Denoising steps. */
    DENOISING,
    /** Latents to files. */
    DECODING
  }

  /** {@code step} of {@code totalSteps} are done, over all pictures. Never blocks. */
  void report(Stage stage, int step, int totalSteps);

  /**
   * What a picture looks like so far, after {@code step} steps of it. May be dropped. Never blocks.
   */
  void show(EncodedPicture preview, int step);

  /** Whether to stop before the next step. */
  boolean isCancelled();
}

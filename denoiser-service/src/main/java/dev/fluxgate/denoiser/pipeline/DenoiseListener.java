package dev.fluxgate.denoiser.pipeline;

/** Hears how a job goes, and may stop it. Called by the thread that runs the job. */
public interface DenoiseListener {

  /** Parts of a job, in order. */
  enum Stage {
    /** Steps of the transformer. */
    DENOISING,
    /** The VAE. */
    DECODING
  }

  /** Hears nothing and stops nothing. */
  DenoiseListener NONE = new DenoiseListener() {};

  /** A stage begins. */
  default void onStage(Stage stage) {}

  /** The first {@code done} of {@code steps} steps are enqueued. */
  default void onStep(int done, int steps) {}

  /** Follows {@link #onStep} of a job with previews; to look at the estimate waits for the step. */
  default void onEstimate(int done, int steps, PictureEstimate estimate) {}

  /** Whether to stop; asked before every step, and before every picture that is decoded. */
  default boolean isCancelled() {
    return false;
  }
}

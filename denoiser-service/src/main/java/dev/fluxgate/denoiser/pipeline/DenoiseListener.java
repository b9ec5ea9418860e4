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

  /** Whether to stop; asked before every step and before decoding. */
  default boolean isCancelled() {
    return false;
  }
}

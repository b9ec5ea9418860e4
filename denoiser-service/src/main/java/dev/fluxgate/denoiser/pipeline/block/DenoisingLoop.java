package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.DenoiseCancelledException;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.DenoiseListener.Stage;
import dev.fluxgate.denoiser.pipeline.PictureEstimate;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The steps of a job: velocity, Euler step, progress, preview; and whether to stop. */
public final class DenoisingLoop {
  private final DenoiserModel model;
  private final SigmaSchedule schedule;
  private final DenoiseListener listener;

  /** What else happens to the latents once a step is made. */
  @FunctionalInterface
  public interface AfterStep {
    /** Nothing. */
    AfterStep NOTHING = (step, latents) -> {};

    /**
     * May change the latents.
     *
     * @param step that was made
     * @param latents (N·S, C)
     */
    void apply(int step, Tensor latents);
  }

  /** Of the steps of {@code schedule}. */
  public DenoisingLoop(DenoiserModel model, SigmaSchedule schedule, DenoiseListener listener) {
    this.model = model;
    this.schedule = schedule;
    this.listener = listener;
  }

  /**
   * Runs all steps.
   *
   * @param latents (N·S, C) of {@code images} pictures, updated in place
   * @param previewing memory for previews, planned with the job; none without previews
   * @throws DenoiseCancelledException if the listener asked for it
   */
  public void run(
      Tensor latents,
      int images,
      GuidedVelocity velocity,
      AfterStep afterStep,
      LatentPreview.@Nullable Memory previewing) {
    listener.onStage(Stage.DENOISING);
    model.probe().observe("sigmas", schedule.sigmas());
    model.probe().observe("timesteps", schedule.timesteps());
    for (int step = 0; step < schedule.steps(); step++) {
      stopIfCancelled(step);
      Tensor along = velocity.at(step);
      model.backend().eulerStep(latents, along, schedule.dt(step), latents);
      afterStep.apply(step, latents);
      model.probe().observe("latents_after_step." + step, latents);
      model.backend().synchronize();
      listener.onStep(step + 1, schedule.steps());
      if (previewing != null) {
        float jump = schedule.sigma(schedule.steps()) - schedule.sigma(step + 1);
        PictureEstimate estimate =
            new PictureEstimate(model, images, latents, along, jump, previewing);
        listener.onEstimate(step + 1, schedule.steps(), estimate);
      }
    }
    stopIfCancelled(schedule.steps());
  }

  /**
   * Asks the listener.
   *
   * @throws DenoiseCancelledException if it says so
   */
  void stopIfCancelled(int done) {
    if (listener.isCancelled()) {
      throw new DenoiseCancelledException(done, schedule.steps());
    }
  }

  /** Hears that the VAE begins, and may stop it before every picture. */
  Runnable decoding() {
    listener.onStage(Stage.DECODING);
    return () -> stopIfCancelled(schedule.steps());
  }
}

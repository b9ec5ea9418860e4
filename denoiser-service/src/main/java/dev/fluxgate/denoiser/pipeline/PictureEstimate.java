package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.image.RgbImage;

/**
 * Where a job would end if it went on straight from here: x + (σ_end − σ)·v, one Euler step over
 * all that is left, by the velocity of the last one. Early on the latents themselves are mostly
 * noise; this is what the model takes to be under it, and shows the picture from the first steps
 * on. After the last step it is the latents.
 *
 * <p>Valid during the call that hands it out. To look is to download, so it waits for the step;
 * whoever does not look pays nothing. The job's latents are read and never written.
 */
public final class PictureEstimate {
  private final DenoiserModel model;
  private final int images;
  private final Tensor latents;
  private final Tensor velocity;
  private final float jump;
  private final LatentPreview.Memory memory;

  /**
   * An estimate after a step.
   *
   * @param images number of pictures
   * @param latents (N·S, C), after the step
   * @param velocity (N·S, C), that the step was made with
   * @param jump what is left of the schedule, σ_end − σ
   * @param memory for previews, planned with the job
   */
  public PictureEstimate(
      DenoiserModel model,
      int images,
      Tensor latents,
      Tensor velocity,
      float jump,
      LatentPreview.Memory memory) {
    this.model = model;
    this.images = images;
    this.latents = latents;
    this.velocity = velocity;
    this.jump = jump;
    this.memory = memory;
  }

  /** Number of pictures. */
  public int images() {
    return images;
  }

  /** A picture in small, roughly. */
  public RgbImage preview(int image) {
    return model.preview().draw(image, latents(image), memory);
  }

  /** (S, C), normalised, row after row, in float32. */
  public float[] latents(int image) {
    int tokens = this.latents.rows() / images;
    int first = image * tokens;
    float[] estimate = model.backend().download(this.latents.rows(first, tokens)).toFloats();
    HostTensor along = model.backend().download(velocity.rows(first, tokens));
    for (int i = 0; i < estimate.length; i++) {
      estimate[i] += jump * along.get(i);
    }
    return estimate;
  }
}

package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Puts back what a mask keeps after every step, as noisy as the step leaves the rest (models spec
 * §6.4, point 9): p = σ·noise + (1 − σ)·x0, at the end x0; x = (1 − mask)·p + mask·x. A mask has a
 * weight for every token (FLUX.2) or for every value of a token (FLUX.1).
 */
public final class KeptPicture implements DenoisingLoop.AfterStep {
  private final DenoiserModel model;
  private final JobSize size;
  private final Tensor picture;
  private final Tensor noise;
  private final Tensor mask;
  private final Tensor sigmas;
  private final Tensor kept;

  /**
   * Lays out the memory.
   *
   * @param weights of the mask: S, one a token, or S·C, one a value
   */
  public KeptPicture(Workspace workspace, DenoiserModel model, JobSize size, int weights) {
    this.model = model;
    this.size = size;
    int tokens = size.grid().tokens();
    int channels = model.codec().channels();
    Shape one = Shape.of(tokens, channels);
    picture = workspace.tensor(model.dtype(), one);
    noise = workspace.tensor(model.dtype(), Shape.of((long) size.images() * tokens, channels));
    mask = workspace.tensor(model.dtype(), Shape.of(weights, 1));
    sigmas = workspace.tensor(model.dtype(), Shape.of((long) size.steps() * tokens, 1));
    kept = workspace.tensor(model.dtype(), one);
  }

  /**
   * Stores what all steps read.
   *
   * @param picture (1, C, g, k), its clean latents
   * @param noise (N, C, g, k), that the job starts from
   * @param mask as many weights as were laid out, 1 where it is drawn anew
   */
  public void prepare(
      HostTensor picture, HostTensor noise, HostTensor mask, SigmaSchedule schedule) {
    Backend backend = model.backend();
    backend.upload(LatentPacker.pack(picture), this.picture);
    backend.upload(LatentPacker.pack(noise), this.noise);
    backend.upload(mask, this.mask);
    model.probe().observe("source_latents_packed", this.picture);
    model.probe().observe("noise_packed", this.noise);
    int tokens = size.grid().tokens();
    HostTensor levels = HostTensor.zeros(model.dtype(), sigmas.shape());
    for (int row = 0; row < sigmas.rows(); row++) {
      levels.set(row, schedule.sigma(row / tokens + 1));
    }
    backend.upload(levels, sigmas);
  }

  @Override
  public void apply(int step, Tensor latents) {
    Backend backend = model.backend();
    int tokens = size.grid().tokens();
    boolean last = step + 1 == size.steps();
    for (int image = 0; image < size.images(); image++) {
      Tensor drawn = latents.rows(image * tokens, tokens);
      if (!last) {
        Tensor sigma = sigmas.rows(step * tokens, tokens);
        backend.blend(picture, noise.rows(image * tokens, tokens), sigma, kept);
      }
      Tensor back = last ? picture : kept;
      backend.blend(weighed(back), weighed(drawn), mask, weighed(drawn));
    }
  }

  /** One row a weight: the op takes one weight a row. */
  private Tensor weighed(Tensor rows) {
    return rows.reshape(mask.rows(), rows.shape().count() / mask.rows());
  }
}

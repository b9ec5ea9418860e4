package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop.AfterStep;
import dev.fluxgate.denoiser.pipeline.block.JobSize;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.image.prepare.InpaintMask;

/**
 * Puts back what a mask keeps after every step, as noisy as the step leaves the rest (models spec
 * §6.4, point 9): p = σ·noise + (1 − σ)·x0, at the end x0; x = (1 − mask)·p + mask·x. The mask has
 * a value for every latent pixel, of which a token holds four, so it is as wide as the latents.
 */
final class Repainting implements AfterStep {
  private final Flux1Model model;
  private final JobSize size;
  private final Tensor latents;
  private final Tensor picture;
  private final Tensor noise;
  private final Tensor mask;
  private final Tensor sigmas;
  private final Tensor kept;

  /**
   * Lays out its memory.
   *
   * @param latents (N·S, C), of the job
   */
  Repainting(Workspace workspace, Flux1Model model, JobSize size, Tensor latents) {
    this.model = model;
    this.size = size;
    this.latents = latents;
    int tokens = size.grid().tokens();
    Shape one = Shape.of(tokens, latents.columns());
    picture = workspace.tensor(model.dtype(), one);
    noise = workspace.tensor(model.dtype(), latents.shape());
    mask = workspace.tensor(model.dtype(), one);
    sigmas = workspace.tensor(model.dtype(), Shape.of((long) size.steps() * tokens, 1));
    kept = workspace.tensor(model.dtype(), one);
  }

  /**
   * Stores what all steps read.
   *
   * @param picture (1, C, g, k), latents of the picture
   * @param noise (N, C, g, k), that the job starts from
   */
  void prepare(HostTensor picture, HostTensor noise, InpaintMask mask, SigmaSchedule schedule) {
    Backend backend = model.backend();
    backend.upload(LatentPacker.pack(picture), this.picture);
    backend.upload(LatentPacker.pack(noise), this.noise);
    backend.upload(latentMask(mask), this.mask);
    int tokens = size.grid().tokens();
    HostTensor levels = HostTensor.zeros(model.dtype(), sigmas.shape());
    for (int row = 0; row < sigmas.rows(); row++) {
      levels.set(row, schedule.sigma(row / tokens + 1));
    }
    backend.upload(levels, sigmas);
  }

  /** (1, S, C): of every square of pixels the first one, the same for all channels. */
  private HostTensor latentMask(InpaintMask mask) {
    int scale = model.codec().scale();
    int columns = mask.width() / scale;
    int rows = mask.height() / scale;
    int channels = model.codec().latentChannels();
    HostTensor spatial = HostTensor.zeros(model.dtype(), Shape.of(1, channels, rows, columns));
    for (int i = 0; i < channels * rows * columns; i++) {
      int y = i / columns % rows;
      int x = i % columns;
      spatial.set(i, mask.values()[y * scale * mask.width() + x * scale]);
    }
    return LatentPacker.pack(LatentPacker.patchify(spatial));
  }

  @Override
  public void apply(int step, Tensor latents) {
    Backend backend = model.backend();
    int tokens = size.grid().tokens();
    boolean last = step + 1 == size.steps();
    for (int image = 0; image < size.images(); image++) {
      Tensor drawn = this.latents.rows(image * tokens, tokens);
      if (!last) {
        Tensor sigma = sigmas.rows(step * tokens, tokens);
        backend.blend(picture, noise.rows(image * tokens, tokens), sigma, kept);
      }
      Tensor back = last ? picture : kept;
      backend.blend(values(back), values(drawn), values(mask), values(drawn));
    }
  }

  /** One row a value: the op takes one weight a row. */
  private static Tensor values(Tensor rows) {
    return rows.reshape(rows.shape().count(), 1);
  }
}

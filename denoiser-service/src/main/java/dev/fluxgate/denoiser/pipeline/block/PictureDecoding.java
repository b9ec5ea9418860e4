package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.NonFiniteResultException;
import dev.fluxgate.denoiser.vae.PixelRange;
import dev.fluxgate.denoiser.vae.tile.TileActivations;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** Latents after the last step → pixels: unpack → denormalise → decode → [0, 1]. */
public final class PictureDecoding {
  private final DenoiserModel model;
  private final DenoisingLoop loop;

  /** Of the latents that {@code loop} leaves. */
  public PictureDecoding(DenoiserModel model, DenoisingLoop loop) {
    this.model = model;
    this.loop = loop;
  }

  /**
   * Decodes the pictures one after the other.
   *
   * @param latents (N·S, C)
   * @param activations of one picture
   * @throws NonFiniteResultException if latents or pixels are no numbers
   */
  public GeneratedImages decode(Tensor latents, LatentGrid grid, TileActivations activations) {
    Runnable beforeEach = loop.decoding();
    HostTensor rows = model.backend().download(latents);
    NonFiniteResultException.check("latents", rows);
    long images = rows.shape().rows() / grid.tokens();
    HostTensor packed = rows.reshape(images, grid.tokens(), rows.shape().columns());
    HostTensor spatial = model.codec().spatial(packed, grid);
    HostTensor decoded = decodeEach(spatial, grid, activations, beforeEach);
    NonFiniteResultException.check("pixels", decoded);
    return GeneratedImages.of(packed, spatial, PixelRange.toUnit(decoded));
  }

  /** (N, Z, h, w) → (N, H, W, 3). */
  private HostTensor decodeEach(
      HostTensor latents, LatentGrid grid, TileActivations activations, Runnable beforeEach) {
    long images = latents.shape().dim(0);
    long token = model.tokenPixels();
    HostTensor all =
        HostTensor.zeros(
            model.dtype(), Shape.of(images, grid.rows() * token, grid.columns() * token, 3));
    for (long n = 0; n < images; n++) {
      beforeEach.run();
      HostTensor one = model.codec().decode(latents.slice(n, 1), activations);
      all.slice(n, 1).data().copyFrom(one.data());
    }
    return all;
  }
}

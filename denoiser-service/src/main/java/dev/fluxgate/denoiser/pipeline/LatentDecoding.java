package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.vae.PixelRange;
import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;

/** Latents after the last step → pixels: unpack → denormalise → decode → [0, 1]. */
final class LatentDecoding {
  private LatentDecoding() {}

  /**
   * latents: (N·S, C).
   *
   * @throws NonFiniteResultException if latents or pixels are no numbers
   */
  static GeneratedImages decode(
      DenoiserModel model, JobSize size, Tensor latents, VaeActivations activations) {
    HostTensor rows = model.backend().download(latents);
    NonFiniteResultException.check("latents", rows);
    HostTensor packed = rows.reshape(size.images(), size.grid().tokens(), rows.shape().columns());
    HostTensor normalised = LatentPacker.unpack(packed, size.grid());
    HostTensor spatial = LatentPacker.unpatchify(model.normalizer().denormalize(normalised));
    HostTensor decoded = model.decoder().decode(spatial, activations);
    NonFiniteResultException.check("pixels", decoded);
    return new GeneratedImages(packed, spatial, PixelRange.toUnit(decoded));
  }
}

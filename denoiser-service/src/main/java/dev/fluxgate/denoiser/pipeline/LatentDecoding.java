package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.vae.PixelRange;
import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/** Latents after the last step → pixels: unpack → denormalise → decode → [0, 1]. */
final class LatentDecoding {
  private LatentDecoding() {}

  /**
   * Decodes the pictures one after the other.
   *
   * @param beforeEach may throw to stop
   * @throws NonFiniteResultException if latents or pixels are no numbers
   */
  static GeneratedImages decode(
      DenoiserModel model, JobSize size, TextToImageActivations memory, Runnable beforeEach) {
    HostTensor rows = model.backend().download(memory.latents());
    NonFiniteResultException.check("latents", rows);
    HostTensor packed = rows.reshape(size.images(), size.grid().tokens(), rows.shape().columns());
    HostTensor normalised = LatentPacker.unpack(packed, size.grid());
    HostTensor spatial = LatentPacker.unpatchify(model.normalizer().denormalize(normalised));
    HostTensor decoded = decodeEach(model, spatial, memory.decoding(), beforeEach);
    NonFiniteResultException.check("pixels", decoded);
    return new GeneratedImages(packed, spatial, PixelRange.toUnit(decoded));
  }

  /** (N, Z, h, w) → (N, H, W, 3). */
  private static HostTensor decodeEach(
      DenoiserModel model, HostTensor latents, VaeActivations activations, Runnable beforeEach) {
    Shape s = latents.shape();
    int scale = model.vaeParams().scale();
    HostTensor all =
        HostTensor.zeros(
            model.dtype(),
            Shape.of(
                s.dim(0), s.dim(2) * scale, s.dim(3) * scale, model.vaeParams().outChannels()));
    for (long n = 0; n < s.dim(0); n++) {
      beforeEach.run();
      HostTensor one = model.decoder().decode(latents.slice(n, 1), activations);
      all.slice(n, 1).data().copyFrom(one.data());
    }
    return all;
  }
}

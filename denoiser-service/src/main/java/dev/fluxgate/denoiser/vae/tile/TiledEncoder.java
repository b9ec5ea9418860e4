package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.denoiser.vae.Posterior;
import dev.fluxgate.denoiser.vae.VaeEncoder;
import dev.fluxgate.engine.tensor.HostTensor;

/** Pixels → latents, in tiles where the activations are laid out so. */
public final class TiledEncoder {
  private final VaeEncoder encoder;

  /** Passes each tile through {@code encoder}. */
  public TiledEncoder(VaeEncoder encoder) {
    this.encoder = encoder;
  }

  /**
   * Encodes any number of pictures, one after the other; {@link
   * dev.fluxgate.denoiser.vae.PixelRange#fromPicture} makes them.
   *
   * @param pixels (N, 3, H, W) in [−1, 1], in the type of the weights, of the size laid out for
   */
  public Posterior encode(HostTensor pixels, TileActivations activations) {
    return Posterior.of(TilePasses.run(pixels, activations, encoder::moments));
  }
}

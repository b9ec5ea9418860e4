package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.engine.tensor.HostTensor;

/** Latents → pixels, in tiles where the activations are laid out so. */
public final class TiledDecoder {
  private final VaeDecoder decoder;

  /** Passes each tile through {@code decoder}. */
  public TiledDecoder(VaeDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Decodes any number of latents, one after the other.
   *
   * @param latents (N, Z, h, w), in the type of the weights, of the size laid out for
   * @return (N, H, W, 3), nominally in [−1, 1], not clamped
   */
  public HostTensor decode(HostTensor latents, TileActivations activations) {
    return TilePasses.run(latents, activations, decoder::decode);
  }
}

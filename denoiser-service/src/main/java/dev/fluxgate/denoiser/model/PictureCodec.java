package dev.fluxgate.denoiser.model;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.vae.BflVae;
import dev.fluxgate.denoiser.vae.LatentNormalizer;
import dev.fluxgate.denoiser.vae.Posterior;
import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.denoiser.vae.VaeEncoder;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.denoiser.vae.VaeWeights;
import dev.fluxgate.denoiser.vae.tile.TileActivations;
import dev.fluxgate.denoiser.vae.tile.TiledDecoder;
import dev.fluxgate.denoiser.vae.tile.TiledEncoder;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.random.NoiseGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/**
 * Pictures ⇄ latents as the transformer sees them: the VAE, the patches and the normalisation of a
 * model. One picture at a time, so that their number does not count for memory. C channels of a
 * token, g × k the token grid, Z channels of the VAE, h × w = 2g × 2k.
 */
public final class PictureCodec {
  private final VaeParams params;
  private final TiledEncoder encoder;
  private final TiledDecoder decoder;
  private final LatentNormalizer normalizer;
  private final DType dtype;

  private PictureCodec(
      VaeParams params,
      TiledEncoder encoder,
      TiledDecoder decoder,
      LatentNormalizer normalizer,
      DType dtype) {
    this.params = params;
    this.encoder = encoder;
    this.decoder = decoder;
    this.normalizer = normalizer;
    this.dtype = dtype;
  }

  /** C, channels of a token. */
  public int channels() {
    return params.latentChannels() * LatentPacker.PATCH * LatentPacker.PATCH;
  }

  /** Z, channels of a latent before it is cut into patches. */
  public int latentChannels() {
    return params.latentChannels();
  }

  /** Side of the square of pixels that one latent pixel stands for. */
  public int scale() {
    return params.scale();
  }

  /** Side of the square of pixels that one token stands for. */
  public int tokenPixels() {
    return LatentPacker.PATCH * params.scale();
  }

  /**
   * Tiles for this model's VAE.
   *
   * @param tilePixels side of a tile of the picture; null: the model's own
   * @param overlap part of a tile that the next one covers too, in [0, 1); null: a quarter
   * @throws IllegalArgumentException if the VAE cannot work in such tiles
   */
  public Tiling tiling(@Nullable Integer tilePixels, @Nullable Double overlap) {
    return Tiling.of(params, tilePixels, overlap);
  }

  /** Lays out the encoding of one picture. */
  public TileActivations layOutEncoding(Workspace workspace, LatentGrid grid, Tiling tiling) {
    int token = tokenPixels();
    return TileActivations.encoding(
        workspace, params, dtype, tiling, grid.rows() * token, grid.columns() * token);
  }

  /** Lays out the decoding of one picture. */
  public TileActivations layOutDecoding(Workspace workspace, LatentGrid grid, Tiling tiling) {
    int patch = LatentPacker.PATCH;
    return TileActivations.decoding(
        workspace, params, dtype, tiling, grid.rows() * patch, grid.columns() * patch);
  }

  /**
   * The most likely latents of a picture.
   *
   * @param pixels (1, 3, H, W) in [−1, 1]
   * @return (1, C, g, k), normalised
   */
  public HostTensor encode(HostTensor pixels, TileActivations activations) {
    HostTensor mean = encoder.encode(pixels.to(dtype), activations).mean();
    return normalizer.normalize(LatentPacker.patchify(mean));
  }

  /**
   * A draw from what a picture may have come from, as FLUX.1 starts from pictures.
   *
   * @param pixels (1, 3, H, W) in [−1, 1]
   * @return (1, C, g, k), normalised
   */
  public HostTensor sample(
      HostTensor pixels, TileActivations activations, NoiseGenerator generator) {
    Posterior posterior = encoder.encode(pixels.to(dtype), activations);
    HostTensor drawn = posterior.sample(generator.randn(posterior.mean().shape(), dtype));
    return normalizer.normalize(LatentPacker.patchify(drawn));
  }

  /**
   * Latents as the VAE decodes them.
   *
   * @param packed (N, S, C), normalised
   * @return (N, Z, h, w)
   */
  public HostTensor spatial(HostTensor packed, LatentGrid grid) {
    HostTensor normalised = LatentPacker.unpack(packed, grid);
    return LatentPacker.unpatchify(normalizer.denormalize(normalised));
  }

  /**
   * The picture of some latents.
   *
   * @param latents (1, Z, h, w)
   * @return (1, H, W, 3), nominally in [−1, 1], not clamped
   */
  public HostTensor decode(HostTensor latents, TileActivations activations) {
    return decoder.decode(latents, activations);
  }

  /** Both halves of a VAE, and the previews that decode without being seen. */
  static final class Loader {
    private final Backend backend;
    private final DType dtype;
    private final VaeParams params;
    private final LatentNormalizer normalizer;
    private final VaeWeights encoder;
    private final VaeWeights decoder;

    Loader(ConfigJson config, Checkpoint file, WeightStore store, Backend backend, DType dtype) {
      this.backend = backend;
      this.dtype = dtype;
      params = VaeParams.of(config);
      TensorSource source = BflVae.adapt(file);
      normalizer =
          config.string("_class_name", "AutoencoderKLFlux2").equals("AutoencoderKL")
              ? LatentNormalizer.scaled(config, dtype)
              : LatentNormalizer.load(params, source, dtype);
      encoder = VaeWeights.encoder(params, source, store);
      decoder = VaeWeights.decoder(params, source, store);
    }

    PictureCodec codec(StageProbe probe) {
      return new PictureCodec(
          params,
          new TiledEncoder(new VaeEncoder(backend, encoder, probe)),
          new TiledDecoder(new VaeDecoder(backend, decoder, probe)),
          normalizer,
          dtype);
    }

    LatentPreview preview() {
      VaeDecoder unwatched = new VaeDecoder(backend, decoder, StageProbe.NONE);
      return new LatentPreview(params, normalizer, unwatched, dtype);
    }
  }
}

package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.DType;

/**
 * How pictures are cut for the VAE. A tile is normed and attends for itself, so that tiled pictures
 * differ a little from whole ones: it is a choice of the caller, never of a back end.
 *
 * @param samplePixels side of a tile of the picture; a larger picture is encoded in tiles
 * @param latentPixels side of a tile of the latent; a larger latent is decoded in tiles
 * @param overlap part of a tile that the next one covers too, in [0, 1)
 */
public record Tiling(int samplePixels, int latentPixels, double overlap) {
  /** Every picture is passed whole. */
  public static final Tiling NONE = new Tiling(Integer.MAX_VALUE, Integer.MAX_VALUE, 0);

  private static final double OVERLAP = 0.25;

  /** Checks that tiles advance. */
  public Tiling {
    if (samplePixels < 1 || latentPixels < 1) {
      throw new IllegalArgumentException(
          "tile: %d pixels, %d of the latent (expected: at least 1)"
              .formatted(samplePixels, latentPixels));
    }
    if (!(overlap >= 0 && overlap < 1) || (int) (latentPixels * (1 - overlap)) < 1) {
      throw new IllegalArgumentException(
          "overlap: %s of %d (expected: in [0, 1), with a pixel left to advance by)"
              .formatted(overlap, latentPixels));
    }
  }

  /** The tiles of a model: as large as the pictures that it was trained with. */
  public static Tiling of(VaeParams params) {
    int samplePixels = params.sampleSize();
    return new Tiling(samplePixels, Math.max(samplePixels / params.scale(), 1), OVERLAP);
  }

  /**
   * {@link #NONE} if a latent of {@code height} × {@code width} can be decoded whole in {@code
   * bytes} of activations, otherwise the tiles of the model.
   */
  public static Tiling within(long bytes, VaeParams params, DType dtype, int height, int width) {
    long whole =
        WorkspacePlan.bytes(plan -> {
          TileActivations _ = TileActivations.decoding(plan, params, dtype, NONE, height, width);
        });
    return whole <= bytes ? NONE : of(params);
  }

  /** Whether a latent of this size is decoded in tiles. */
  public boolean cutsLatent(int height, int width) {
    return height > latentPixels || width > latentPixels;
  }

  /** Whether a picture of this size is encoded in tiles. */
  public boolean cutsPicture(int height, int width) {
    return height > samplePixels || width > samplePixels;
  }

  /** One side of a latent that is decoded. */
  TileAxis latentAxis(int size) {
    return TileAxis.of(size, latentPixels, samplePixels, overlap);
  }

  /** One side of a picture that is encoded. */
  TileAxis pictureAxis(int size) {
    return TileAxis.of(size, samplePixels, latentPixels, overlap);
  }
}

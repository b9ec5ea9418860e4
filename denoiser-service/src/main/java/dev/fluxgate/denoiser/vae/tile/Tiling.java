package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.denoiser.vae.VaeParams;
import org.jspecify.annotations.Nullable;

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
    if (!(overlap >= 0 && overlap < 1) || TileAxis.whole(latentPixels * (1 - overlap)) < 1) {
      throw new IllegalArgumentException(
          "overlap: %s of %d (expected: in [0, 1), with a pixel left to advance by)"
              .formatted(overlap, latentPixels));
    }
  }

  /** The tiles of a model: as large as the pictures that it was trained with. */
  public static Tiling of(VaeParams params) {
    return of(params, null, null);
  }

  /**
   * Tiles that overlap by whole latent pixels, so that they join without a gap.
   *
   * @param tilePixels side of a tile of the picture; null: as large as the pictures that the model
   *     was trained with
   * @param overlap part of a tile that the next one covers too, in [0, 1), rounded to the nearest
   *     that joins; null: a quarter
   * @throws IllegalArgumentException if a tile is not whole latent pixels wide
   */
  public static Tiling of(
      VaeParams params, @Nullable Integer tilePixels, @Nullable Double overlap) {
    int scale = params.scale();
    if (tilePixels != null && (tilePixels < scale || tilePixels % scale != 0)) {
      throw new IllegalArgumentException(
          "tile_size: %d (expected: a multiple of %d)".formatted(tilePixels, scale));
    }
    int latentPixels = Math.max((tilePixels == null ? params.sampleSize() : tilePixels) / scale, 1);
    long covered = Math.round(latentPixels * (overlap == null ? OVERLAP : overlap));
    return new Tiling(
        latentPixels * scale,
        latentPixels,
        (double) Math.min(covered, latentPixels - 1) / latentPixels);
  }

  /** Whether a latent of this size is decoded in tiles. */
  public boolean cutsLatent(int height, int width) {
    return height > latentPixels || width > latentPixels;
  }

  /** Whether a picture of this size is encoded in tiles. */
  public boolean cutsPicture(int height, int width) {
    return height > samplePixels || width > samplePixels;
  }

  /** This where a picture of this size is encoded in tiles, else {@link #NONE}. */
  public Tiling ofPicture(int height, int width) {
    return cutsPicture(height, width) ? this : NONE;
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

package dev.fluxgate.denoiser.request;

import org.jspecify.annotations.Nullable;

/**
 * Whether the VAE works on a picture in tiles that overlap: less memory, slightly other pixels.
 *
 * @param tileSize side of a tile in pixels, if tiles are asked for; null: only if memory does not
 *     suffice without
 * @param tileOverlap part of a tile that its neighbour covers too, 0 … 1; null for the reference's
 */
public record Tiling(@Nullable Integer tileSize, @Nullable Double tileOverlap) {
  /** Tiles only if memory does not suffice without. */
  public static final Tiling AUTOMATIC = new Tiling(null, null);

  /** Checks the numbers that need no model. */
  public Tiling {
    if (tileSize != null && tileSize < 1) {
      throw new IllegalArgumentException("tile_size: " + tileSize + " (expected: at least 1)");
    }
    if (tileOverlap != null && !(tileOverlap >= 0 && tileOverlap < 1)) {
      throw new IllegalArgumentException(
          "tile_overlap: " + tileOverlap + " (expected: at least 0, below 1)");
    }
  }
}

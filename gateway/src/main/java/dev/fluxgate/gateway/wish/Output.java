package dev.fluxgate.gateway.wish;

import org.jspecify.annotations.Nullable;

/**
 * What comes out, and how it is decoded.
 *
 * @param format of the files
 * @param tileSize pixels of a tile's side; null: tiles where memory demands them
 * @param tileOverlap part of a tile that overlaps the next; null: the standard
 */
public record Output(Format format, @Nullable Integer tileSize, @Nullable Float tileOverlap) {
  /** PNG, in tiles where memory demands them. */
  public static final Output STANDARD = new Output(Format.PNG, null, null);

  /** Format of a file. */
  public enum Format {
    /** A picture, without loss. */
    PNG("image/png", "png"),
    /** A picture. */
    JPEG("image/jpeg", "jpg"),
    /** A picture. */
    WEBP("image/webp", "webp"),
    /** No picture: the latents. */
    LATENTS("application/vnd.safetensors", "safetensors");

    private final String mediaType;
    private final String extension;

    Format(String mediaType, String extension) {
      this.mediaType = mediaType;
      this.extension = extension;
    }

    /** Media type of such a file. */
    public String mediaType() {
      return mediaType;
    }

    /** Ending of such a file's name. */
    public String extension() {
      return extension;
    }
  }
}

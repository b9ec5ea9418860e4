package dev.fluxgate.image;

import java.util.Locale;

/** The files that pictures are read from and written to. */
public enum ImageFormat {
  /** Lossless, with text chunks. */
  PNG("image/png", "png"),
  /** Lossy, with an Exif block. */
  JPEG("image/jpeg", "jpg"),
  /** Lossless when written here, with an Exif block. */
  WEBP("image/webp", "webp");

  private final String mediaType;
  private final String extension;

  ImageFormat(String mediaType, String extension) {
    this.mediaType = mediaType;
    this.extension = extension;
  }

  /** As in a Content-Type header. */
  public String mediaType() {
    return mediaType;
  }

  /** How file names end, without a dot. */
  public String extension() {
    return extension;
  }

  /**
   * The format that people call {@code name}, in any case; "jpg" is "jpeg".
   *
   * @throws IllegalArgumentException for any other name
   */
  public static ImageFormat of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "png" -> PNG;
      case "jpeg", "jpg" -> JPEG;
      case "webp" -> WEBP;
      default ->
          throw new IllegalArgumentException(
              "format: '" + name + "' (expected: png, jpeg or webp)");
    };
  }
}

package dev.fluxgate.image.decode;

import dev.fluxgate.image.MalformedImageException;

/**
 * What a picture that is read may cost.
 *
 * @param maxBytes largest file
 * @param maxPixels largest width times height, checked before anything is allocated
 */
public record DecodeLimits(int maxBytes, long maxPixels) {
  /** 64 MiB and 64 mebipixels: any camera's picture, at most 256 MiB of samples. */
  public static final DecodeLimits DEFAULT = new DecodeLimits(64 << 20, 1L << 26);

  /** The largest that fits into the arrays of a decoder. */
  private static final long MOST_PIXELS = 1L << 28;

  /** Checks that there is room for a picture, and an end to it. */
  public DecodeLimits {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: at least 1)");
    }
    if (maxPixels < 1 || maxPixels > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "maxPixels: " + maxPixels + " (expected: 1 to " + MOST_PIXELS + ")");
    }
  }

  void checkBytes(String name, byte[] file) {
    if (file.length > maxBytes) {
      throw new MalformedImageException(
          name + ": " + file.length + " bytes (expected: at most " + maxBytes + ")");
    }
  }

  void checkSize(String name, long width, long height) {
    if (width < 1 || height < 1 || width > maxPixels / height) {
      throw new MalformedImageException(
          "%s: %d x %d (expected: at least 1 x 1 and at most %d pixels)"
              .formatted(name, width, height, maxPixels));
    }
  }
}

package dev.fluxgate.image;

import java.util.Arrays;

/**
 * A picture of 8 bits a channel: red, green, blue, rows from top to bottom, sRGB, opaque.
 *
 * @param width pixels of a row
 * @param height rows
 * @param rgb 3 · width · height bytes, owned by the picture; treat as read-only
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below look inside
public record RgbImage(int width, int height, byte[] rgb) {
  /** Bytes of one pixel. */
  public static final int CHANNELS = 3;

  /** Checks that the bytes are those of the pixels. */
  public RgbImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "size: " + width + " x " + height + " (expected: at least 1 x 1)");
    }
    if (rgb.length != Math.multiplyExact(Math.multiplyExact(CHANNELS, width), height)) {
      throw new IllegalArgumentException(
          "rgb: "
              + rgb.length
              + " bytes (expected: 3 for each of "
              + width
              + " x "
              + height
              + " pixels)");
    }
  }

  /**
   * Rounds numbers in [0, 1], pixel after pixel, to 8 bits: x · 255 in float32, half to even, as
   * diffusers does (flux2 spec §4.8).
   *
   * @throws IllegalArgumentException for a number outside [0, 1], or none at all
   */
  public static RgbImage ofUnitFloats(int width, int height, float[] values) {
    byte[] rgb = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      float value = values[i];
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException(
            "value " + i + ": " + value + " (expected: a number in [0, 1])");
      }
      rgb[i] = (byte) Math.rint(value * 255f);
    }
    return new RgbImage(width, height, rgb);
  }

  /** Level 0..255 of a channel (0 red, 1 green, 2 blue). */
  public int level(int x, int y, int channel) {
    return Byte.toUnsignedInt(rgb[(y * width + x) * CHANNELS + channel]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage(int otherWidth, int otherHeight, byte[] otherRgb)
        && width == otherWidth
        && height == otherHeight
        && Arrays.equals(rgb, otherRgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "RgbImage[" + width + " x " + height + "]";
  }
}

package dev.fluxgate.image;

import java.util.Arrays;

/**
 * A picture of 8 bits a channel in the colour mode of its file, rows from top to bottom. The mode
 * matters: it decides how the picture is resampled (models spec, appendix C).
 *
 * @param mode what the samples mean
 * @param width pixels of a row
 * @param height rows
 * @param samples {@link Mode#channels()} bytes a pixel, owned by the picture; treat as read-only
 * @param palette red, green, blue of each index, empty but for {@link Mode#PALETTE}; owned alike
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below look inside
public record Picture(Mode mode, int width, int height, byte[] samples, byte[] palette) {

  /** What the samples of a picture mean. */
  public enum Mode {
    /** 0 or 255. */
    BILEVEL(1),
    /** Level. */
    GREY(1),
    /** Level, opacity. */
    GREY_ALPHA(2),
    /** Index of a colour. */
    PALETTE(1),
    /** Red, green, blue. */
    RGB(3),
    /** Red, green, blue, opacity. */
    RGBA(4);

    private final int channels;

    Mode(int channels) {
      this.channels = channels;
    }

    /** Bytes of a pixel. */
    public int channels() {
      return channels;
    }

    /** Whether the last channel is opacity, by which the others must be weighted. */
    public boolean hasAlpha() {
      return this == GREY_ALPHA || this == RGBA;
    }
  }

  /** Checks that the bytes are those of the pixels. */
  public Picture {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "size: " + width + " x " + height + " (expected: at least 1 x 1)");
    }
    long bytes = (long) mode.channels() * width * height;
    if (samples.length != bytes) {
      throw new IllegalArgumentException(
          "samples: "
              + samples.length
              + " bytes (expected: "
              + bytes
              + " for "
              + width
              + " x "
              + height
              + " pixels of mode "
              + mode
              + ")");
    }
  }

  /** A picture without palette. */
  public static Picture of(Mode mode, int width, int height, byte[] samples) {
    return new Picture(mode, width, height, samples, new byte[0]);
  }

  /** The very bytes of {@code image}. */
  public static Picture of(RgbImage image) {
    return of(Mode.RGB, image.width(), image.height(), image.rgb());
  }

  /** In colour; opacity is dropped, not blended. An index that has no colour is black. */
  public RgbImage toRgb() {
    if (mode == Mode.RGB) {
      return new RgbImage(width, height, samples);
    }
    int channels = mode.channels();
    byte[] rgb = new byte[Math.multiplyExact(RgbImage.CHANNELS, width * height)];
    for (int i = 0; i < width * height; i++) {
      int at = RgbImage.CHANNELS * i;
      if (mode == Mode.PALETTE) {
        int colour = RgbImage.CHANNELS * Byte.toUnsignedInt(samples[i]);
        if (colour < palette.length) {
          System.arraycopy(palette, colour, rgb, at, RgbImage.CHANNELS);
        }
      } else if (mode == Mode.RGBA) {
        System.arraycopy(samples, channels * i, rgb, at, RgbImage.CHANNELS);
      } else {
        Arrays.fill(rgb, at, at + RgbImage.CHANNELS, samples[channels * i]);
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /**
   * In grey, opacity dropped: colours weigh 0.299, 0.587 and 0.114, in 16-bit fixed point, rounded.
   */
  public Picture toGrey() {
    if (mode == Mode.GREY) {
      return this;
    }
    byte[] grey = new byte[width * height];
    if (mode == Mode.BILEVEL || mode == Mode.GREY_ALPHA) {
      for (int i = 0; i < grey.length; i++) {
        grey[i] = samples[mode.channels() * i];
      }
    } else {
      byte[] rgb = toRgb().rgb();
      for (int i = 0; i < grey.length; i++) {
        int red = Byte.toUnsignedInt(rgb[3 * i]);
        int green = Byte.toUnsignedInt(rgb[3 * i + 1]);
        int blue = Byte.toUnsignedInt(rgb[3 * i + 2]);
        grey[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
      }
    }
    return of(Mode.GREY, width, height, grey);
  }

  /**
   * How transparent it is, as grey: white where nothing of it is seen, black where it is opaque.
   *
   * @throws IllegalArgumentException if it has no alpha channel
   */
  public Picture transparency() {
    if (!mode.hasAlpha()) {
      throw new IllegalArgumentException(
          "alpha: none in " + mode + " (expected: GREY_ALPHA or RGBA)");
    }
    byte[] grey = new byte[width * height];
    int channels = mode.channels();
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) ~samples[channels * i + channels - 1];
    }
    return of(Mode.GREY, width, height, grey);
  }

  /**
   * The part from column {@code left} and row {@code top}.
   *
   * @throws IllegalArgumentException if it is not wholly inside
   */
  public Picture crop(int left, int top, int newWidth, int newHeight) {
    if (left < 0 || top < 0 || left > width - newWidth || top > height - newHeight) {
      throw new IllegalArgumentException(
          "crop: %d x %d at (%d, %d) (expected: inside %d x %d)"
              .formatted(newWidth, newHeight, left, top, width, height));
    }
    if (newWidth == width && newHeight == height) {
      return this;
    }
    int channels = mode.channels();
    byte[] part = new byte[channels * newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      System.arraycopy(
          samples,
          channels * ((top + y) * width + left),
          part,
          channels * y * newWidth,
          channels * newWidth);
    }
    return new Picture(mode, newWidth, newHeight, part, palette);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Picture that
        && mode == that.mode
        && width == that.width
        && height == that.height
        && Arrays.equals(samples, that.samples)
        && Arrays.equals(palette, that.palette);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * (31 * mode.hashCode() + width) + height) + Arrays.hashCode(samples);
  }

  @Override
  public String toString() {
    return "Picture[" + mode + " " + width + " x " + height + "]";
  }
}

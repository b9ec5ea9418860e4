package dev.fluxgate.image.prepare;

import dev.fluxgate.image.RgbImage;
import java.util.Arrays;

/** A picture that others are laid on; what lies beyond its edges is cut off. */
final class Canvas {
  private final int width;
  private final int height;
  private final byte[] rgb;

  /** All pixels of one grey. */
  Canvas(int width, int height, byte level) {
    this.width = width;
    this.height = height;
    rgb = new byte[Math.multiplyExact(RgbImage.CHANNELS * width, height)];
    Arrays.fill(rgb, level);
  }

  void paste(RgbImage part, int left, int top) {
    int columns = Math.min(part.width(), width - left);
    int rows = Math.min(part.height(), height - top);
    for (int y = 0; y < rows; y++) {
      System.arraycopy(
          part.rgb(),
          RgbImage.CHANNELS * part.width() * y,
          rgb,
          RgbImage.CHANNELS * ((top + y) * width + left),
          RgbImage.CHANNELS * columns);
    }
  }

  RgbImage toImage() {
    return new RgbImage(width, height, rgb.clone());
  }
}

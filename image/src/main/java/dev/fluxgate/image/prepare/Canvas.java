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
    int fromColumn = Math.max(left, 0);
    int columns = Math.min(left + part.width(), width) - fromColumn;
    int endRow = Math.min(top + part.height(), height);
    for (int y = Math.max(top, 0); y < endRow; y++) {
      System.arraycopy(
          part.rgb(),
          RgbImage.CHANNELS * (part.width() * (y - top) + fromColumn - left),
          rgb,
          RgbImage.CHANNELS * (y * width + fromColumn),
          RgbImage.CHANNELS * columns);
    }
  }

  RgbImage toImage() {
    return new RgbImage(width, height, rgb.clone());
  }
}

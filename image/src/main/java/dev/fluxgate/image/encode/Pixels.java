package dev.fluxgate.image.encode;

import dev.fluxgate.image.RgbImage;
import java.awt.image.BufferedImage;

/** Our pictures as ImageIO wants them. */
final class Pixels {
  private Pixels() {}

  static BufferedImage of(RgbImage image) {
    int width = image.width();
    BufferedImage pixels = new BufferedImage(width, image.height(), BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    byte[] rgb = image.rgb();
    int at = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < width; x++) {
        row[x] = (rgb[at] & 0xFF) << 16 | (rgb[at + 1] & 0xFF) << 8 | (rgb[at + 2] & 0xFF);
        at += RgbImage.CHANNELS;
      }
      pixels.getRaster().setDataElements(0, y, width, 1, row);
    }
    return pixels;
  }
}

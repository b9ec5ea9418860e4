package dev.fluxgate.encoder.upsample;

import dev.fluxgate.image.RgbImage;
import java.util.Arrays;
import java.util.List;

/** Pictures side by side on white, centred from top to bottom, as one picture. */
final class PictureBoard {
  private static final byte WHITE = (byte) 255;

  /** Most pixels of a board, the white ones included: far above what the model sees of them. */
  private static final long MAX_PIXELS = 1L << 27;

  private PictureBoard() {}

  static RgbImage join(List<RgbImage> pictures) {
    if (pictures.size() == 1) {
      return pictures.getFirst();
    }
    int width = pictures.stream().mapToInt(RgbImage::width).reduce(0, Math::addExact);
    int height = pictures.stream().mapToInt(RgbImage::height).max().orElseThrow();
    byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(RgbImage.CHANNELS, width), height)];
    Arrays.fill(rgb, WHITE);
    int left = 0;
    for (RgbImage picture : pictures) {
      int top = (height - picture.height()) / 2;
      int run = RgbImage.CHANNELS * picture.width();
      for (int row = 0; row < picture.height(); row++) {
        int target = RgbImage.CHANNELS * ((top + row) * width + left);
        System.arraycopy(picture.rgb(), row * run, rgb, target, run);
      }
      left += picture.width();
    }
    return new RgbImage(width, height, rgb);
  }
}

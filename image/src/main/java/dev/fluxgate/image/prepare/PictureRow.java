package dev.fluxgate.image.prepare;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import java.util.List;

/** Several pictures as one, for models that look at one alone. */
public final class PictureRow {
  private static final byte WHITE = (byte) 255;

  private PictureRow() {}

  /**
   * The pictures side by side, vertically centred on white.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static RgbImage join(List<Picture> pictures) {
    if (pictures.isEmpty()) {
      throw new IllegalArgumentException("pictures: none (expected: at least one)");
    }
    int width = pictures.stream().mapToInt(Picture::width).reduce(0, Math::addExact);
    int height = pictures.stream().mapToInt(Picture::height).max().orElseThrow();
    Canvas canvas = new Canvas(width, height, WHITE);
    int left = 0;
    for (Picture picture : pictures) {
      canvas.paste(picture.toRgb(), left, (height - picture.height()) / 2);
      left += picture.width();
    }
    return canvas.toImage();
  }
}

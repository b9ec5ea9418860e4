package dev.fluxgate.image.prepare;

import dev.fluxgate.image.Picture;

/**
 * The part of a picture that is repainted in place of the whole (models spec §6.4, point 11).
 *
 * @param left first column
 * @param top first row
 * @param right column behind the last
 * @param bottom row behind the last
 */
public record CropRegion(int left, int top, int right, int bottom) {

  /** Checks that there is something between. */
  public CropRegion {
    if (left < 0 || top < 0 || left >= right || top >= bottom) {
      throw new IllegalArgumentException(
          "region: (%d, %d) to (%d, %d) (expected: at least one pixel, none before the first)"
              .formatted(left, top, right, bottom));
    }
  }

  /**
   * What of {@code mask} is not black, with {@code padding} more on each side, widened or
   * heightened towards the shape of {@code width} × {@code height} as far as the mask goes.
   *
   * @throws IllegalArgumentException if all of it is black
   */
  public static CropRegion of(Picture mask, int width, int height, int padding) {
    if (padding < 0) {
      throw new IllegalArgumentException("padding: " + padding + " (expected: at least 0)");
    }
    CropRegion box = painted(mask.toGrey()).padded(padding, mask.width(), mask.height());
    double ratio = (double) width / height;
    double own = (double) box.width() / box.height();
    if (own > ratio) {
      int more = (int) (box.width() / ratio - box.height());
      int[] rows = widened(box.top, box.bottom, more, mask.height());
      return new CropRegion(box.left, rows[0], box.right, rows[1]);
    }
    int more = (int) (box.height() * ratio - box.width());
    int[] columns = widened(box.left, box.right, more, mask.width());
    return new CropRegion(columns[0], box.top, columns[1], box.bottom);
  }

  /** Columns of it. */
  public int width() {
    return right - left;
  }

  /** Rows of it. */
  public int height() {
    return bottom - top;
  }

  /**
   * This part of {@code picture}.
   *
   * @throws IllegalArgumentException if the picture does not reach so far
   */
  public Picture of(Picture picture) {
    return picture.crop(left, top, width(), height());
  }

  private CropRegion padded(int padding, int maskWidth, int maskHeight) {
    return new CropRegion(
        Math.max(left - padding, 0),
        Math.max(top - padding, 0),
        (int) Math.min((long) right + padding, maskWidth),
        (int) Math.min((long) bottom + padding, maskHeight));
  }

  /** Half of {@code more} on each side; what would lie outside goes to the other side. */
  private static int[] widened(int from, int to, int more, int size) {
    int start = from - Math.floorDiv(more, 2);
    int end = to + more - Math.floorDiv(more, 2);
    if (end >= size) {
      start -= end - size;
      end = size;
    }
    if (start < 0) {
      end -= start;
      start = 0;
    }
    return new int[] {start, Math.min(end, size)};
  }

  private static CropRegion painted(Picture grey) {
    int left = grey.width();
    int right = 0;
    int top = grey.height();
    int bottom = 0;
    for (int y = 0; y < grey.height(); y++) {
      for (int x = 0; x < grey.width(); x++) {
        if (grey.samples()[y * grey.width() + x] != 0) {
          left = Math.min(left, x);
          right = Math.max(right, x + 1);
          top = Math.min(top, y);
          bottom = y + 1;
        }
      }
    }
    if (right == 0) {
      throw new IllegalArgumentException(
          "mask: all black (expected: a pixel to be repainted, as padding_mask_crop is given)");
    }
    return new CropRegion(left, top, right, bottom);
  }
}

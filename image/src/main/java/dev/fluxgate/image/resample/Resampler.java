package dev.fluxgate.image.resample;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;

/**
 * Stretches pictures in their own colour mode, bit for bit as Pillow: two passes of fixed-point
 * sums, each rounded to 8 bits; a pass is left out where its size stays. Colours are weighted by
 * their opacity. Indices and bilevel pictures have no levels between and take the nearest pixel.
 */
public final class Resampler {
  private Resampler() {}

  /** The picture in a new size. */
  public static Picture resize(Picture picture, int width, int height, ResampleFilter filter) {
    return resize(picture, width, height, filter, PassOrder.HORIZONTAL_FIRST);
  }

  /** As above, with the passes in {@code order}. */
  public static Picture resize(
      Picture picture, int width, int height, ResampleFilter filter, PassOrder order) {
    checkSize(width, height);
    if (width == picture.width() && height == picture.height()) {
      return picture;
    }
    if (hasNoLevels(picture)) {
      return nearest(picture, width, height);
    }
    AxisWeights columns = AxisWeights.of(picture.width(), width, filter);
    AxisWeights rows = AxisWeights.of(picture.height(), height, filter);
    Picture work = Opacity.weight(picture);
    if (order.columnsFirst(picture.width() - width, picture.height() - height)) {
      work = Passes.vertical(work, rows);
      work = Passes.horizontal(work, columns);
    } else {
      work = width == work.width() ? work : Passes.horizontal(work, columns);
      work = height == work.height() ? work : Passes.vertical(work, rows);
    }
    return Opacity.unweight(work);
  }

  /** The picture in a new size, each pixel a copy of the old one under its centre. */
  public static Picture nearest(Picture picture, int width, int height) {
    checkSize(width, height);
    int channels = picture.mode().channels();
    int[] columns = places(picture.width(), width);
    int[] rows = places(picture.height(), height);
    byte[] samples = new byte[Math.multiplyExact(channels * width, height)];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = channels * (rows[y] * picture.width() + columns[x]);
        System.arraycopy(picture.samples(), from, samples, to, channels);
        to += channels;
      }
    }
    return new Picture(picture.mode(), width, height, samples, picture.palette());
  }

  /** {@code width} columns that go on to the left of the picture, or to its right. */
  public static Picture besideEdge(Picture picture, int width, boolean right) {
    int place = right ? picture.width() : 0;
    if (hasNoLevels(picture)) {
      Picture edge = picture.crop(right ? place - 1 : 0, 0, 1, picture.height());
      return nearest(edge, width, picture.height());
    }
    AxisWeights columns =
        AxisWeights.between(picture.width(), place, place, width, ResampleFilter.BICUBIC);
    return Opacity.unweight(Passes.horizontal(Opacity.weight(picture), columns));
  }

  /** {@code height} rows that go on above the picture, or below it. */
  public static Picture beyondEdge(Picture picture, int height, boolean below) {
    int place = below ? picture.height() : 0;
    if (hasNoLevels(picture)) {
      Picture edge = picture.crop(0, below ? place - 1 : 0, picture.width(), 1);
      return nearest(edge, picture.width(), height);
    }
    AxisWeights rows =
        AxisWeights.between(picture.height(), place, place, height, ResampleFilter.BICUBIC);
    return Opacity.unweight(Passes.vertical(Opacity.weight(picture), rows));
  }

  private static boolean hasNoLevels(Picture picture) {
    return picture.mode() == Mode.PALETTE || picture.mode() == Mode.BILEVEL;
  }

  /** The steps are summed up, as the reference does, not multiplied. */
  private static int[] places(int in, int out) {
    int[] places = new int[out];
    double step = (double) in / out;
    double place = step * 0.5;
    for (int o = 0; o < out; o++) {
      places[o] = Math.min((int) place, in - 1);
      place += step;
    }
    return places;
  }

  private static void checkSize(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "size: " + width + " x " + height + " (expected: at least 1 x 1)");
    }
  }
}

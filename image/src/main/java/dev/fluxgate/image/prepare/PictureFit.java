package dev.fluxgate.image.prepare;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.resample.ResampleFilter;
import dev.fluxgate.image.resample.Resampler;

/** How a picture is brought to a size, in colour. */
public enum PictureFit {
  /** The middle of it, as it is; it must be large enough. */
  CROP {
    @Override
    public RgbImage apply(Picture picture, int width, int height) {
      checkSize(width, height);
      int left = (picture.width() - width) / 2;
      int top = (picture.height() - height) / 2;
      return picture.crop(left, top, width, height).toRgb();
    }
  },
  /** All of it, each side scaled for itself. */
  STRETCH {
    @Override
    public RgbImage apply(Picture picture, int width, int height) {
      checkSize(width, height);
      return Resampler.resize(picture, width, height, ResampleFilter.LANCZOS).toRgb();
    }
  },
  /** As much of its middle as there is room for, both sides scaled alike. */
  COVER {
    @Override
    public RgbImage apply(Picture picture, int width, int height) {
      checkSize(width, height);
      double ratio = (double) width / height;
      double own = (double) picture.width() / picture.height();
      int wide = ratio > own ? width : (int) ((long) picture.width() * height / picture.height());
      int high = ratio <= own ? height : (int) ((long) picture.height() * width / picture.width());
      Picture scaled = Resampler.resize(picture, wide, high, ResampleFilter.LANCZOS);
      Canvas canvas = new Canvas(width, height, (byte) 0);
      canvas.paste(scaled.toRgb(), width / 2 - wide / 2, height / 2 - high / 2);
      return canvas.toImage();
    }
  },
  /** All of it in the middle, both sides scaled alike; its edges go on to where it ends. */
  FILL {
    @Override
    public RgbImage apply(Picture picture, int width, int height) {
      checkSize(width, height);
      double ratio = (double) width / height;
      double own = (double) picture.width() / picture.height();
      int innerWidth =
          ratio < own ? width : (int) ((long) picture.width() * height / picture.height());
      int innerHeight =
          ratio >= own ? height : (int) ((long) picture.height() * width / picture.width());
      checkSize(innerWidth, innerHeight);
      Picture inner = Resampler.resize(picture, innerWidth, innerHeight, ResampleFilter.LANCZOS);
      int left = width / 2 - innerWidth / 2;
      int top = height / 2 - innerHeight / 2;
      Canvas canvas = new Canvas(width, height, (byte) 0);
      canvas.paste(inner.toRgb(), left, top);
      if (ratio < own && top > 0) {
        canvas.paste(Resampler.beyondEdge(inner, top, false).toRgb(), 0, 0);
        canvas.paste(Resampler.beyondEdge(inner, top, true).toRgb(), 0, top + innerHeight);
      } else if (ratio > own && left > 0) {
        canvas.paste(Resampler.besideEdge(inner, left, false).toRgb(), 0, 0);
        canvas.paste(Resampler.besideEdge(inner, left, true).toRgb(), left + innerWidth, 0);
      }
      return canvas.toImage();
    }
  };

  /**
   * The picture in that size.
   *
   * @throws IllegalArgumentException if it cannot have that size
   */
  public abstract RgbImage apply(Picture picture, int width, int height);

  private static void checkSize(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "size: " + width + " x " + height + " (expected: at least 1 x 1)");
    }
  }
}

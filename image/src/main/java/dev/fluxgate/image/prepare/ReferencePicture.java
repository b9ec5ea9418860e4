package dev.fluxgate.image.prepare;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.resample.ResampleFilter;
import dev.fluxgate.image.resample.Resampler;

/** Pictures that a model looks at beside the prompt (models spec §2.3). */
public final class ReferencePicture {
  /** Largest area that is not scaled down, in pixels. */
  public static final int MAX_AREA = 1024 * 1024;

  /** Shortest side, in pixels. */
  public static final int MIN_SIDE = 64;

  /** Largest ratio of the sides. */
  public static final int MAX_ASPECT = 8;

  private ReferencePicture() {}

  /**
   * Checks that a model can make something of the picture.
   *
   * @param name what to call it in errors
   * @throws IllegalArgumentException for a side below 64 pixels or sides beyond 8 to 1
   */
  public static void check(String name, int width, int height) {
    if (width < MIN_SIDE || height < MIN_SIDE) {
      throw new IllegalArgumentException(
          "%s: %d x %d (expected: at least %d pixels each way)"
              .formatted(name, width, height, MIN_SIDE));
    }
    if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height)) {
      throw new IllegalArgumentException(
          "%s: %d x %d (expected: sides of at most %d to 1)"
              .formatted(name, width, height, MAX_ASPECT));
    }
  }

  /**
   * Scaled down to {@link #MAX_AREA} if larger, then the middle of it, whole tokens wide and high,
   * in colour.
   *
   * @param tokenPixels side of the square of pixels that a token stands for
   * @throws IllegalArgumentException if not one token is left
   */
  public static RgbImage prepare(Picture picture, int tokenPixels) {
    Picture capped = capArea(picture, MAX_AREA);
    int width = capped.width() / tokenPixels * tokenPixels;
    int height = capped.height() / tokenPixels * tokenPixels;
    return PictureFit.CROP.apply(capped, width, height);
  }

  /** With both sides scaled alike to at most {@code area} pixels; never larger than it is. */
  public static Picture capArea(Picture picture, int area) {
    Size size = cappedSize(picture.width(), picture.height(), area);
    return Resampler.resize(picture, size.width, size.height, ResampleFilter.LANCZOS);
  }

  /** The size of a {@code width} × {@code height} picture after {@link #capArea}. */
  public static Size cappedSize(int width, int height, int area) {
    long pixels = (long) width * height;
    if (pixels <= area) {
      return new Size(width, height);
    }
    double scale = Math.sqrt((double) area / pixels);
    return new Size((int) (width * scale), (int) (height * scale));
  }

  /**
   * Of a picture.
   *
   * @param width pixels of a row
   * @param height rows
   */
  public record Size(int width, int height) {}
}

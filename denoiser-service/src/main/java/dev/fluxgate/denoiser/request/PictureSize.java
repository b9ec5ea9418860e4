package dev.fluxgate.denoiser.request;

import org.jspecify.annotations.Nullable;

/**
 * Size of the pictures that are made, in pixels.
 *
 * @param width or null: as wide as the first reference, else as the model's default
 * @param height or null: as high as the first reference, else as the model's default
 * @param rounded whether a side that the model cannot make is floored to one that it can; else it
 *     is refused
 */
public record PictureSize(@Nullable Integer width, @Nullable Integer height, boolean rounded) {
  /** Nothing is said of it. */
  public static final PictureSize NATURAL = new PictureSize(null, null, true);

  /** Checks that there is something to see. */
  public PictureSize {
    atLeastOne("width", width);
    atLeastOne("height", height);
  }

  /** This size or none. */
  public static PictureSize exactly(int width, int height) {
    return new PictureSize(width, height, false);
  }

  /** The largest size within this one that the model makes. */
  public static PictureSize within(int width, int height) {
    return new PictureSize(width, height, true);
  }

  /** The same where it says something, else as wide and high as given. */
  public PictureSize orElse(int width, int height) {
    return new PictureSize(
        this.width == null ? Integer.valueOf(width) : this.width,
        this.height == null ? Integer.valueOf(height) : this.height,
        rounded);
  }

  private static void atLeastOne(String name, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
    }
  }
}

package dev.fluxgate.image.resample;

import dev.fluxgate.image.Picture;

/** Levels weighted by the opacity of their pixel, so that what cannot be seen does not count. */
final class Opacity {
  private static final int OPAQUE = 255;

  private Opacity() {}

  /** level · opacity / 255, rounded; a picture without opacity as it is. */
  static Picture weight(Picture picture) {
    return mapped(
        picture,
        (level, opacity) -> {
          int product = level * opacity + 128;
          return ((product >> 8) + product) >> 8;
        });
  }

  /** level · 255 / opacity, cut off; where nothing can be seen as it is. */
  static Picture unweight(Picture picture) {
    return mapped(
        picture,
        (level, opacity) -> opacity == 0 ? level : Math.min(OPAQUE * level / opacity, OPAQUE));
  }

  private interface LevelMap {
    int apply(int level, int opacity);
  }

  private static Picture mapped(Picture picture, LevelMap map) {
    if (!picture.mode().hasAlpha()) {
      return picture;
    }
    int channels = picture.mode().channels();
    byte[] samples = picture.samples().clone();
    for (int pixel = 0; pixel < samples.length; pixel += channels) {
      int opacity = samples[pixel + channels - 1] & 0xFF;
      for (int i = pixel; i < pixel + channels - 1; i++) {
        samples[i] = (byte) map.apply(samples[i] & 0xFF, opacity);
      }
    }
    return Picture.of(picture.mode(), picture.width(), picture.height(), samples);
  }
}

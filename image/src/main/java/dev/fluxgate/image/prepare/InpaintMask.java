package dev.fluxgate.image.prepare;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.resample.ResampleFilter;
import dev.fluxgate.image.resample.Resampler;

/**
 * Which pixels are repainted (models spec §6.4, point 8).
 *
 * @param width columns of the picture that is repainted
 * @param height its rows
 * @param values width · height numbers, 1 where it is repainted, 0 where it is kept; read-only
 */
@SuppressWarnings("ArrayRecordComponent") // Made here, read by its one user, never compared.
public record InpaintMask(int width, int height, float[] values) {
  private static final float THRESHOLD = 0.5f;

  /**
   * The mask of a {@code width} × {@code height} picture: {@code picture} stretched to that size,
   * in grey, 1 from half white on.
   */
  public static InpaintMask of(Picture picture, int width, int height) {
    Picture grey = Resampler.resize(picture, width, height, ResampleFilter.LANCZOS).toGrey();
    float[] values = new float[width * height];
    for (int i = 0; i < values.length; i++) {
      float level = Byte.toUnsignedInt(grey.samples()[i]) / 255f;
      values[i] = level >= THRESHOLD ? 1 : 0;
    }
    return new InpaintMask(width, height, values);
  }

  /**
   * The mask in another size, between its values linearly by the places of the pixels' centres;
   * values between 0 and 1 occur. Nothing is averaged: what lies between the places does not count.
   *
   * @return newWidth · newHeight numbers in [0, 1], row after row
   */
  public float[] resized(int newWidth, int newHeight) {
    float[] resized = new float[newWidth * newHeight];
    Neighbours columns = Neighbours.of(width, newWidth);
    Neighbours rows = Neighbours.of(height, newHeight);
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        float upper = between(columns, x, rows.low[y] * width);
        float lower = between(columns, x, rows.high[y] * width);
        resized[y * newWidth + x] = (1 - rows.part[y]) * upper + rows.part[y] * lower;
      }
    }
    return resized;
  }

  private float between(Neighbours columns, int x, int row) {
    return (1 - columns.part[x]) * values[row + columns.low[x]]
        + columns.part[x] * values[row + columns.high[x]];
  }

  /** The two old pixels beside each new one, and how far it is from the first to the second. */
  private record Neighbours(int[] low, int[] high, float[] part) {
    static Neighbours of(int in, int out) {
      int[] low = new int[out];
      int[] high = new int[out];
      float[] part = new float[out];
      float scale = (float) in / out;
      for (int o = 0; o < out; o++) {
        float place = Math.max((o + 0.5f) * scale - 0.5f, 0);
        low[o] = (int) place;
        high[o] = Math.min(low[o] + 1, in - 1);
        part[o] = place - low[o];
      }
      return new Neighbours(low, high, part);
    }
  }
}

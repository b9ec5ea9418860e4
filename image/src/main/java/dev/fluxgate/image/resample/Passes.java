package dev.fluxgate.image.resample;

import dev.fluxgate.image.Picture;
import java.util.Arrays;

/** The passes along each axis: out = clip((½ + Σ weight·in) >> 22), levels of 8 bits. */
final class Passes {
  private static final int HALF = 1 << (AxisWeights.PRECISION_BITS - 1);

  private Passes() {}

  /** Each row in a new width. */
  static Picture horizontal(Picture picture, AxisWeights columns) {
    int channels = picture.mode().channels();
    int width = columns.size();
    byte[] in = picture.samples();
    byte[] out = new byte[Math.multiplyExact(channels * width, picture.height())];
    for (int y = 0; y < picture.height(); y++) {
      int row = channels * picture.width() * y;
      int to = channels * width * y;
      for (int x = 0; x < width; x++) {
        int[] weights = columns.weights(x);
        int from = row + channels * columns.first(x);
        for (int channel = 0; channel < channels; channel++) {
          out[to++] = clip(sum(in, from + channel, channels, weights));
        }
      }
    }
    return new Picture(picture.mode(), width, picture.height(), out, picture.palette());
  }

  private static int sum(byte[] in, int from, int step, int[] weights) {
    int sum = HALF;
    int at = from;
    for (int weight : weights) {
      sum += weight * (in[at] & 0xFF);
      at += step;
    }
    return sum;
  }

  /** Each column in a new height. Rows are added up whole, which a processor does many at once. */
  static Picture vertical(Picture picture, AxisWeights rows) {
    int rowBytes = picture.mode().channels() * picture.width();
    byte[] in = picture.samples();
    byte[] out = new byte[Math.multiplyExact(rowBytes, rows.size())];
    int[] sums = new int[rowBytes];
    for (int y = 0; y < rows.size(); y++) {
      Arrays.fill(sums, HALF);
      int from = rowBytes * rows.first(y);
      for (int weight : rows.weights(y)) {
        add(in, from, weight, sums);
        from += rowBytes;
      }
      for (int i = 0; i < rowBytes; i++) {
        out[rowBytes * y + i] = clip(sums[i]);
      }
    }
    return new Picture(picture.mode(), picture.width(), rows.size(), out, picture.palette());
  }

  private static void add(byte[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * (in[from + i] & 0xFF);
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.clamp(sum >> AxisWeights.PRECISION_BITS, 0, 255);
  }
}

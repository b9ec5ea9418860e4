package dev.fluxgate.encoder.vision;

import dev.fluxgate.image.RgbImage;

/**
 * Bicubic resizing as torch does it to 8-bit pictures, which is what the reference's processor
 * calls: the filter of Pillow, widened where the picture shrinks, with weights of 16 bits in place
 * of 22 fractional ones, and always first along the rows. A level differs from Pillow's now and
 * then.
 */
final class TensorBicubic {
  private static final double A = -0.5;
  private static final int RADIUS = 2;
  private static final int MOST_FRACTION_BITS = 22;
  private static final int LARGEST_WEIGHT = 1 << 15;

  private TensorBicubic() {}

  /** The picture in another size; itself where it has that size. */
  static RgbImage resize(RgbImage picture, int width, int height) {
    RgbImage wide =
        width == picture.width()
            ? picture
            : new RgbImage(
                width,
                picture.height(),
                pass(
                    picture.rgb(),
                    new Runs(picture.height(), 3 * picture.width(), 3 * width, 3),
                    Axis.of(picture.width(), width)));
    return height == wide.height()
        ? wide
        : new RgbImage(
            width,
            height,
            pass(
                wide.rgb(),
                new Runs(1, 3 * width * wide.height(), 3 * width * height, 3 * width),
                Axis.of(wide.height(), height)));
  }

  /**
   * Independent lines of samples: {@code blocks} blocks, in each {@code stride} lines whose samples
   * are {@code stride} apart.
   */
  private record Runs(int blocks, int sourceBlock, int targetBlock, int stride) {}

  /**
   * Weights of every output along one axis.
   *
   * @param first input of each output's first weight
   * @param weights of each output
   * @param bits of their fraction
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Axis(int[] first, int[][] weights, int bits) {
    static Axis of(int in, int out) {
      double scale = (double) in / out;
      double stretch = Math.max(scale, 1);
      double support = RADIUS * stretch;
      int[] first = new int[out];
      double[][] exact = new double[out][];
      double largest = 0;
      for (int i = 0; i < out; i++) {
        double centre = (i + 0.5) * scale;
        first[i] = Math.max((int) (centre - support + 0.5), 0);
        int end = Math.min((int) (centre + support + 0.5), in);
        exact[i] = new double[end - first[i]];
        double sum = 0;
        for (int k = 0; k < exact[i].length; k++) {
          exact[i][k] = filter((k + first[i] - centre + 0.5) / stretch);
          sum += exact[i][k];
        }
        for (int k = 0; k < exact[i].length; k++) {
          exact[i][k] /= sum;
          largest = Math.max(largest, exact[i][k]);
        }
      }
      int bits = bits(largest);
      return new Axis(first, fixed(exact, bits), bits);
    }

    /** As many as the largest weight leaves in 16 bits. */
    private static int bits(double largest) {
      int bits = 0;
      while (bits < MOST_FRACTION_BITS
          && (int) (0.5 + largest * (1 << (bits + 1))) < LARGEST_WEIGHT) {
        bits++;
      }
      return bits;
    }

    private static int[][] fixed(double[][] exact, int bits) {
      int[][] weights = new int[exact.length][];
      for (int i = 0; i < exact.length; i++) {
        weights[i] = new int[exact[i].length];
        for (int k = 0; k < exact[i].length; k++) {
          double scaled = exact[i][k] * (1 << bits);
          weights[i][k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        }
      }
      return weights;
    }
  }

  private static byte[] pass(byte[] source, Runs runs, Axis axis) {
    byte[] target = new byte[runs.blocks * runs.targetBlock];
    int half = axis.bits == 0 ? 0 : 1 << (axis.bits - 1);
    for (int block = 0; block < runs.blocks; block++) {
      for (int i = 0; i < axis.first.length; i++) {
        int[] weights = axis.weights[i];
        for (int line = 0; line < runs.stride; line++) {
          int at = block * runs.sourceBlock + axis.first[i] * runs.stride + line;
          int sum = half;
          for (int weight : weights) {
            sum += weight * Byte.toUnsignedInt(source[at]);
            at += runs.stride;
          }
          target[block * runs.targetBlock + i * runs.stride + line] =
              (byte) Math.clamp(sum >> axis.bits, 0, 255);
        }
      }
    }
    return target;
  }

  private static double filter(double signed) {
    double x = Math.abs(signed);
    if (x < 1) {
      return ((A + 2) * x - (A + 3)) * x * x + 1;
    }
    return x < RADIUS ? (((x - 5) * x + 8) * x - 4) * A : 0;
  }
}

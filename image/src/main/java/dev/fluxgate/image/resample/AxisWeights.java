package dev.fluxgate.image.resample;

/**
 * For each pixel of a new row (or column) the old ones that it is made of and what they count, as
 * fixed-point numbers of 22 bits behind the point.
 */
final class AxisWeights {
  static final int PRECISION_BITS = 22;
  private static final double ONE = 1 << PRECISION_BITS;

  private final int[] first;
  private final int[][] weights;

  private AxisWeights(int[] first, int[][] weights) {
    this.first = first;
    this.weights = weights;
  }

  /** From {@code in} pixels to {@code out}. */
  static AxisWeights of(int in, int out, ResampleFilter filter) {
    return between(in, 0, in, out, filter);
  }

  /**
   * From the part of {@code in} pixels between two places to {@code out}: between equal places lies
   * nothing, which gives copies of what would be there.
   */
  static AxisWeights between(int in, int from, int to, int out, ResampleFilter filter) {
    double scale = (double) (to - from) / out;
    double filterScale = Math.max(scale, 1);
    double support = filter.radius() * filterScale;
    int[] first = new int[out];
    int[][] weights = new int[out][];
    for (int o = 0; o < out; o++) {
      double centre = from + (o + 0.5) * scale;
      int low = (int) Math.max(centre - support + 0.5, 0);
      int high = (int) Math.min(centre + support + 0.5, in);
      first[o] = low;
      weights[o] = fixedPoint(filter, high - low, low - centre + 0.5, 1 / filterScale);
    }
    return new AxisWeights(first, weights);
  }

  private static int[] fixedPoint(ResampleFilter filter, int count, double from, double step) {
    double[] exact = new double[count];
    double sum = 0;
    for (int k = 0; k < count; k++) {
      exact[k] = filter.at((k + from) * step);
      sum += exact[k];
    }
    int[] rounded = new int[count];
    for (int k = 0; k < count; k++) {
      double weight = sum == 0 ? exact[k] : exact[k] / sum;
      rounded[k] = (int) (weight * ONE + (weight < 0 ? -0.5 : 0.5));
    }
    return rounded;
  }

  int size() {
    return first.length;
  }

  /** First old pixel of the new one {@code o}. */
  int first(int o) {
    return first[o];
  }

  /** What the old pixels from the first on count. */
  int[] weights(int o) {
    return weights[o];
  }
}

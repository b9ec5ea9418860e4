package dev.fluxgate.engine.backend.cpu.vector;

import dev.fluxgate.engine.tensor.BFloat16;
import jdk.incubator.vector.FloatVector;

/** Norms of a row, or of a run of a row. */
public final class Norms {
  private Norms() {}

  /** Where an RMS norm rounds to bfloat16. */
  public enum Rms {
    /** Nowhere. */
    EXACT,
    /** R(w · x̂). */
    ROUNDED_AFTER_WEIGHT,
    /** R(w · R(x̂)). */
    ROUNDED_TWICE
  }

  /**
   * x[from + i] = weight[i] · x̂, x̂ = x[from + i] · rsqrt(mean(x²) + eps), mean over the run of
   * weight. Every step is one of float32, as it is in the reference: where R(x̂) is all that is
   * kept, a last bit of x̂ decides now and then.
   *
   * @param sums of the worker ({@link RowBuffers#sums})
   */
  public static void rms(
      float[] x, int from, float[] weight, float eps, Rms rounding, float[] sums) {
    float mean = SquareSum.of(x, from, weight.length, sums) / weight.length;
    float factor = 1 / (float) Math.sqrt(mean + eps);
    // A loop for each: where a vector may come from two places it is put on the heap.
    switch (rounding) {
      case EXACT -> weigh(x, from, weight, factor);
      case ROUNDED_AFTER_WEIGHT -> weighThenRound(x, from, weight, factor);
      case ROUNDED_TWICE -> roundThenWeigh(x, from, weight, factor);
    }
  }

  private static void weigh(float[] x, int from, float[] weight, float factor) {
    int i = 0;
    for (; i <= weight.length - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, x, from + i)
          .mul(factor)
          .mul(FloatVector.fromArray(Lanes.FLOATS, weight, i))
          .intoArray(x, from + i);
    }
    for (; i < weight.length; i++) {
      x[from + i] = x[from + i] * factor * weight[i];
    }
  }

  private static void weighThenRound(float[] x, int from, float[] weight, float factor) {
    int i = 0;
    for (; i <= weight.length - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector weighed =
          FloatVector.fromArray(Lanes.FLOATS, x, from + i)
              .mul(factor)
              .mul(FloatVector.fromArray(Lanes.FLOATS, weight, i));
      Lanes.round(weighed).intoArray(x, from + i);
    }
    for (; i < weight.length; i++) {
      x[from + i] = BFloat16.round(x[from + i] * factor * weight[i]);
    }
  }

  private static void roundThenWeigh(float[] x, int from, float[] weight, float factor) {
    int i = 0;
    for (; i <= weight.length - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector normed = FloatVector.fromArray(Lanes.FLOATS, x, from + i).mul(factor);
      FloatVector weighed = Lanes.round(normed).mul(FloatVector.fromArray(Lanes.FLOATS, weight, i));
      Lanes.round(weighed).intoArray(x, from + i);
    }
    for (; i < weight.length; i++) {
      x[from + i] = BFloat16.round(BFloat16.round(x[from + i] * factor) * weight[i]);
    }
  }

  /**
   * x = (x − mean) · rsqrt(variance + eps), biased variance, with the steps that the reference
   * takes for the type of the rows.
   *
   * @param moments of rows of that type
   */
  public static void layer(float[] x, RowMoments moments, float eps, int count) {
    moments.of(x, count);
    float mean = moments.mean();
    float factor = 1 / (float) Math.sqrt(moments.variance() + eps);
    if (moments.rounded()) {
      scale(x, factor, -(factor * mean), count);
    } else {
      center(x, mean, factor, count);
    }
  }

  private static void scale(float[] x, float factor, float summand, int count) {
    FloatVector summands = FloatVector.broadcast(Lanes.FLOATS, summand);
    FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, x, i).fma(factors, summands).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] = Math.fma(x[i], factor, summand);
    }
  }

  private static void center(float[] x, float mean, float factor, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, x, i).sub(mean).mul(factor).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] = (x[i] - mean) * factor;
    }
  }
}

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

  /** x = gain · (x − mean) · rsqrt(variance + eps) + shift, biased variance. */
  public static void modulatedLayer(float[] x, float[] shift, float[] gain, float eps, int count) {
    float mean = (float) (sum(x, count) / count);
    float factor = (float) (1 / Math.sqrt(squares(x, mean, count) / count + eps));
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, x, i)
          .sub(mean)
          .mul(factor)
          .fma(
              FloatVector.fromArray(Lanes.FLOATS, gain, i),
              FloatVector.fromArray(Lanes.FLOATS, shift, i))
          .intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] = (x[i] - mean) * factor * gain[i] + shift[i];
    }
  }

  /** As {@link #modulatedLayer}, x = R(gain · R(x̂)) + shift, R rounding to bfloat16. */
  public static void roundedModulatedLayer(
      float[] x, float[] shift, float[] gain, float eps, int count) {
    float mean = (float) (sum(x, count) / count);
    float factor = (float) (1 / Math.sqrt(squares(x, mean, count) / count + eps));
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector normed = FloatVector.fromArray(Lanes.FLOATS, x, i).sub(mean).mul(factor);
      FloatVector scaled = Lanes.round(normed).mul(FloatVector.fromArray(Lanes.FLOATS, gain, i));
      Lanes.round(scaled).add(FloatVector.fromArray(Lanes.FLOATS, shift, i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      float normed = BFloat16.round((x[i] - mean) * factor);
      x[i] = BFloat16.round(normed * gain[i]) + shift[i];
    }
  }

  private static double sum(float[] x, int count) {
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      sums = sums.add(FloatVector.fromArray(Lanes.FLOATS, x, i));
    }
    double sum = Lanes.sum(sums);
    for (; i < count; i++) {
      sum += x[i];
    }
    return sum;
  }

  /** Σ (x − mean)². */
  private static double squares(float[] x, float mean, int count) {
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector apart = FloatVector.fromArray(Lanes.FLOATS, x, i).sub(mean);
      sums = apart.fma(apart, sums);
    }
    double sum = Lanes.sum(sums);
    for (; i < count; i++) {
      sum += (x[i] - mean) * (double) (x[i] - mean);
    }
    return sum;
  }

  /**
   * Adds x − origin and its square to the sums of each channel. An origin near the mean keeps the
   * squares from cancelling when the variance is taken from them.
   */
  public static void accumulate(
      float[] x, float[] origin, float[] sums, float[] squares, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector apart =
          FloatVector.fromArray(Lanes.FLOATS, x, i)
              .sub(FloatVector.fromArray(Lanes.FLOATS, origin, i));
      FloatVector.fromArray(Lanes.FLOATS, sums, i).add(apart).intoArray(sums, i);
      apart.fma(apart, FloatVector.fromArray(Lanes.FLOATS, squares, i)).intoArray(squares, i);
    }
    for (; i < count; i++) {
      float apart = x[i] - origin[i];
      sums[i] += apart;
      squares[i] += apart * apart;
    }
  }
}

package dev.fluxgate.denoiser.transformer;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** A number → waves of many lengths: what a transformer sees of a time or a guidance scale. */
public final class Sinusoid {
  private static final float LOG_LONGEST_PERIOD = (float) Math.log(10000);
  private static final double LN_2 = Math.log(2);
  private static final double EXP_STEPS = 128;

  private Sinusoid() {}

  /**
   * One row for each of N values.
   *
   * @param values times or guidance scales, before the factor 1000
   * @param like (N, even number of columns), of the type that the rows get and the factor rounds to
   */
  public static HostTensor rows(float[] values, Tensor like) {
    HostTensor rows = HostTensor.zeros(like.dtype(), Shape.of(values.length, like.columns()));
    for (int row = 0; row < values.length; row++) {
      float thousandfold = thousandfold(values[row], like.dtype());
      float[] sinusoid = of(thousandfold, like.columns());
      for (int i = 0; i < sinusoid.length; i++) {
        rows.set((long) row * sinusoid.length + i, sinusoid[i]);
      }
    }
    return rows;
  }

  /**
   * 1000 · value, both rounded to the type of the model. In bfloat16 this rounding moves the
   * outputs far more than all others together.
   */
  static float thousandfold(float value, DType dtype) {
    return dtype.round(dtype.round(value) * 1000);
  }

  /** Cosines of value · 10000^(−j / half) for j = 0 … half − 1, then the sines; all in float32. */
  static float[] of(float value, int channels) {
    int half = channels / 2;
    float[] sinusoid = new float[channels];
    for (int j = 0; j < half; j++) {
      float angle = value * exp(-LOG_LONGEST_PERIOD * j / half);
      sinusoid[j] = (float) Math.cos(angle);
      sinusoid[half + j] = (float) Math.sin(angle);
    }
    return sinusoid;
  }

  /**
   * e^x in float32 as the vector mathematics under torch has it: 2^(n/128) · (1 + r + r²/2), n
   * whole. Left-out terms reach 0.06 units in the last place, so that 1 in 100 values is not the
   * nearest one; angles of thousands of radians make such a difference visible.
   */
  private static float exp(float x) {
    double n = Math.rint(x * EXP_STEPS / LN_2);
    double r = x - n * LN_2 / EXP_STEPS;
    return (float) (Math.pow(2, n / EXP_STEPS) * (1 + r + r * r / 2));
  }
}

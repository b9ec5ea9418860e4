package dev.fluxgate.engine.backend.cpu.vector;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.BFloat16;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Formulas on every element of a row. */
public final class Elementwise {
  private Elementwise() {}

  /** a = a / (1 + exp(−a)). */
  public static void silu(float[] a, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      Lanes.silu(FloatVector.fromArray(Lanes.FLOATS, a, i)).intoArray(a, i);
    }
    for (; i < count; i++) {
      a[i] = (float) (a[i] / (1 + Math.exp(-a[i])));
    }
  }

  /** a = gelu(a), a composed one with its steps rounded to bfloat16. */
  public static void gelu(float[] a, Epilogue.Gelu.Kind kind, int count) {
    // A loop for each, and the tail as lanes of one more vector: one formula, not two.
    int whole = Lanes.FLOATS.loopBound(count);
    switch (kind) {
      case TANH -> {
        for (int i = 0; i < whole; i += Lanes.COUNT) {
          Lanes.geluTanh(FloatVector.fromArray(Lanes.FLOATS, a, i)).intoArray(a, i);
        }
      }
      case COMPOSED_TANH -> {
        for (int i = 0; i < whole; i += Lanes.COUNT) {
          Lanes.geluComposedTanh(FloatVector.fromArray(Lanes.FLOATS, a, i)).intoArray(a, i);
        }
      }
      case ERF -> {
        for (int i = 0; i < whole; i += Lanes.COUNT) {
          Lanes.geluErf(FloatVector.fromArray(Lanes.FLOATS, a, i)).intoArray(a, i);
        }
      }
      case QUICK -> {
        for (int i = 0; i < whole; i += Lanes.COUNT) {
          Lanes.geluQuick(FloatVector.fromArray(Lanes.FLOATS, a, i)).intoArray(a, i);
        }
      }
    }
    if (whole < count) {
      VectorMask<Float> rest = Lanes.FLOATS.indexInRange(whole, count);
      FloatVector x = FloatVector.fromArray(Lanes.FLOATS, a, whole, rest);
      gelu(kind, x).intoArray(a, whole, rest);
    }
  }

  private static FloatVector gelu(Epilogue.Gelu.Kind kind, FloatVector x) {
    return switch (kind) {
      case TANH -> Lanes.geluTanh(x);
      case COMPOSED_TANH -> Lanes.geluComposedTanh(x);
      case ERF -> Lanes.geluErf(x);
      case QUICK -> Lanes.geluQuick(x);
    };
  }

  /** kept = R(rest · kept) + R(share · repainted), R rounding to bfloat16 if {@code rounded}. */
  public static void blend(
      float[] kept, float[] repainted, float share, float rest, boolean rounded, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector before = FloatVector.fromArray(Lanes.FLOATS, kept, i).mul(rest);
      FloatVector after = FloatVector.fromArray(Lanes.FLOATS, repainted, i).mul(share);
      (rounded ? Lanes.round(before).add(Lanes.round(after)) : before.add(after))
          .intoArray(kept, i);
    }
    for (; i < count; i++) {
      float before = rest * kept[i];
      float after = share * repainted[i];
      kept[i] = rounded ? BFloat16.round(before) + BFloat16.round(after) : before + after;
    }
  }

  /** a = a · b. */
  public static void multiply(float[] a, float[] b, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, a, i)
          .mul(FloatVector.fromArray(Lanes.FLOATS, b, i))
          .intoArray(a, i);
    }
    for (; i < count; i++) {
      a[i] *= b[i];
    }
  }

  /** a = a + b. */
  public static void add(float[] a, float[] b, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, a, i)
          .add(FloatVector.fromArray(Lanes.FLOATS, b, i))
          .intoArray(a, i);
    }
    for (; i < count; i++) {
      a[i] += b[i];
    }
  }

  /** a = residual + R(gate · a), R rounding to bfloat16. */
  public static void gatedAdd(float[] a, float[] gate, float[] residual, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector gated =
          FloatVector.fromArray(Lanes.FLOATS, a, i)
              .mul(FloatVector.fromArray(Lanes.FLOATS, gate, i));
      FloatVector.fromArray(Lanes.FLOATS, residual, i).add(Lanes.round(gated)).intoArray(a, i);
    }
    for (; i < count; i++) {
      a[i] = residual[i] + BFloat16.round(gate[i] * a[i]);
    }
  }

  /** a = R(a), R rounding to bfloat16. */
  public static void round(float[] a, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      Lanes.round(FloatVector.fromArray(Lanes.FLOATS, a, i)).intoArray(a, i);
    }
    for (; i < count; i++) {
      a[i] = BFloat16.round(a[i]);
    }
  }

  /** a = a + summand. */
  public static void increase(float[] a, float summand, int count) {
    for (int i = 0; i < count; i++) {
      a[i] += summand;
    }
  }

  /** a = a · factor. */
  static void scale(float[] a, float factor, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, a, i).mul(factor).intoArray(a, i);
    }
    for (; i < count; i++) {
      a[i] *= factor;
    }
  }

  /** x = x + R(step · velocity), R rounding to bfloat16 if {@code rounded}. */
  public static void step(float[] x, float[] velocity, float step, boolean rounded, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector change = FloatVector.fromArray(Lanes.FLOATS, velocity, i).mul(step);
      FloatVector.fromArray(Lanes.FLOATS, x, i)
          .add(rounded ? Lanes.round(change) : change)
          .intoArray(x, i);
    }
    for (; i < count; i++) {
      float change = step * velocity[i];
      x[i] += rounded ? BFloat16.round(change) : change;
    }
  }

  /** a = a + R(scale · R(b − a)), R rounding to bfloat16 if {@code rounded}. */
  public static void guide(float[] a, float[] b, float scale, boolean rounded, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector negative = FloatVector.fromArray(Lanes.FLOATS, a, i);
      FloatVector apart = FloatVector.fromArray(Lanes.FLOATS, b, i).sub(negative);
      FloatVector change = (rounded ? Lanes.round(apart) : apart).mul(scale);
      negative.add(rounded ? Lanes.round(change) : change).intoArray(a, i);
    }
    for (; i < count; i++) {
      float apart = b[i] - a[i];
      float change = scale * (rounded ? BFloat16.round(apart) : apart);
      a[i] += rounded ? BFloat16.round(change) : change;
    }
  }

  /** x = silu(R(x · factor + summand)), R rounding to bfloat16. */
  public static void roundedAffineSilu(float[] x, float[] factor, float[] summand, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector scaled =
          FloatVector.fromArray(Lanes.FLOATS, x, i)
              .fma(
                  FloatVector.fromArray(Lanes.FLOATS, factor, i),
                  FloatVector.fromArray(Lanes.FLOATS, summand, i));
      Lanes.silu(Lanes.round(scaled)).intoArray(x, i);
    }
    for (; i < count; i++) {
      float scaled = BFloat16.round(Math.fma(x[i], factor[i], summand[i]));
      x[i] = (float) (scaled / (1 + Math.exp(-scaled)));
    }
  }

  /** x = R(factor · R(x)) + summand, element by element, R rounding to bfloat16. */
  public static void roundedAffine(float[] x, float[] factor, float[] summand, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector scaled =
          Lanes.round(FloatVector.fromArray(Lanes.FLOATS, x, i))
              .mul(FloatVector.fromArray(Lanes.FLOATS, factor, i));
      Lanes.round(scaled).add(FloatVector.fromArray(Lanes.FLOATS, summand, i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] = BFloat16.round(BFloat16.round(x[i]) * factor[i]) + summand[i];
    }
  }

  /** x = x · factor + summand, element by element. */
  public static void affine(float[] x, float[] factor, float[] summand, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector.fromArray(Lanes.FLOATS, x, i)
          .fma(
              FloatVector.fromArray(Lanes.FLOATS, factor, i),
              FloatVector.fromArray(Lanes.FLOATS, summand, i))
          .intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] = Math.fma(x[i], factor[i], summand[i]);
    }
  }
}

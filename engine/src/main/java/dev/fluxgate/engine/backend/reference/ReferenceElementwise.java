package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Ops that treat every element, or every row, for itself. */
final class ReferenceElementwise {
  private ReferenceElementwise() {}

  /** The same values in float64. */
  static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  static void copy(Tensor x, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    for (int row = 0; row < in.rows(); row++) {
      result.write(row, widen(in.read(row)));
    }
  }

  static void silu(Tensor x, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] values = widen(in.read(row));
          for (int i = 0; i < values.length; i++) {
            values[i] = ReferenceEpilogue.silu(values[i]);
          }
          result.write(row, values);
        });
  }

  /** out = R(x + Rv(Rv(dt) · velocity)). */
  static void eulerStep(Tensor x, Tensor velocity, float dt, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows direction = new TensorRows(velocity);
    TensorRows result = new TensorRows(out);
    DType inner = velocity.dtype();
    double step = Rounding.round(inner, dt);
    for (int row = 0; row < in.rows(); row++) {
      double[] values = widen(in.read(row));
      float[] v = direction.read(row);
      for (int i = 0; i < values.length; i++) {
        values[i] += Rounding.round(inner, step * v[i]);
      }
      result.write(row, values);
    }
  }

  /** out = R(negative + R(scale · R(positive − negative))), R for the type of out. */
  static void guide(Tensor negative, Tensor positive, float scale, Tensor out) {
    TensorRows without = new TensorRows(negative);
    TensorRows with = new TensorRows(positive);
    TensorRows result = new TensorRows(out);
    DType type = out.dtype();
    for (int row = 0; row < result.rows(); row++) {
      double[] values = widen(without.read(row));
      float[] v = with.read(row);
      for (int i = 0; i < values.length; i++) {
        float difference = Rounding.round(type, v[i] - values[i]);
        // The product in float32, as pipelines have it: 24 by 8 bits do not fit, and may make a
        // tie.
        values[i] += Rounding.round(type, (double) (scale * difference));
      }
      result.write(row, values);
    }
  }

  /** out = R(x + y). */
  static void add(Tensor x, Tensor y, Tensor out) {
    TensorRows first = new TensorRows(x);
    TensorRows second = new TensorRows(y);
    TensorRows result = new TensorRows(out);
    for (int row = 0; row < result.rows(); row++) {
      double[] values = widen(first.read(row));
      float[] other = second.read(row);
      for (int i = 0; i < values.length; i++) {
        values[i] += other[i];
      }
      result.write(row, values);
    }
  }

  /** out = R(R(R(1 − mask) · kept) + R(mask · repainted)), R for the type of out. */
  static void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    TensorRows before = new TensorRows(kept);
    TensorRows after = new TensorRows(repainted);
    TensorRows shares = new TensorRows(mask);
    TensorRows result = new TensorRows(out);
    DType type = out.dtype();
    for (int row = 0; row < result.rows(); row++) {
      double[] values = widen(before.read(row));
      float[] other = after.read(row);
      double share = shares.read(row)[0];
      double rest = Rounding.through(type, 1 - share);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            Rounding.through(type, rest * values[i]) + Rounding.through(type, share * other[i]);
      }
      result.write(row, values);
    }
  }

  /** out[r] = table[ids[r]]; checks every id before anything is written. */
  static void embed(Tensor ids, ReferenceWeights.Table table, Tensor out) {
    TensorRows numbers = new TensorRows(ids);
    TensorRows result = new TensorRows(out);
    for (int row = 0; row < result.rows(); row++) {
      OpShapes.id(row, numbers.readInt(row), table);
    }
    for (int row = 0; row < result.rows(); row++) {
      int from = numbers.readInt(row) * table.width();
      result.write(row, widen(Arrays.copyOfRange(table.values, from, from + table.width())));
    }
  }
}

package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rotary position embedding, with the RMS norm of each head before it. */
final class ReferenceRotary {
  private ReferenceRotary() {}

  /** What a head goes through before it is rotated: a norm of these weights, if any. */
  static final class Norm {
    private final float[] weight;
    private final float eps;
    private final HeadNorm.Order order;

    Norm(float[] weight, float eps, HeadNorm.Order order) {
      this.weight = weight;
      this.eps = eps;
      this.order = order;
    }

    private void apply(double[] values, int from, DType type) {
      DType inner = order == HeadNorm.Order.ROUND_THEN_WEIGH ? type : DType.F32;
      ReferenceNorms.scaleByRms(values, from, weight, eps, inner);
      for (int i = from; i < from + weight.length; i++) {
        values[i] = Rounding.through(type, values[i]);
      }
    }
  }

  /** Rotates x into out. */
  static void rotate(Tensor x, int heads, @Nullable Norm norm, RotaryTable table, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows cos = new TensorRows(table.cos());
    TensorRows sin = new TensorRows(table.sin());
    TensorRows result = new TensorRows(out);
    int headDim = x.columns() / heads;
    boolean wide = x.dtype() == DType.F32 || table.cos().dtype() == DType.F32;
    DType products = wide ? DType.F32 : DType.BF16;
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] values = ReferenceElementwise.widen(in.read(row));
          float[] c = cos.read(row % cos.rows());
          float[] s = sin.read(row % sin.rows());
          for (int h = 0; h < heads; h++) {
            if (norm != null) {
              norm.apply(values, h * headDim, x.dtype());
            }
            rotateHead(values, h * headDim, c, s, table.pairing(), products);
          }
          result.write(row, values);
        });
  }

  private static void rotateHead(
      double[] values,
      int from,
      float[] cos,
      float[] sin,
      RotaryTable.Pairing pairing,
      DType products) {
    for (int j = 0; j < cos.length; j++) {
      int first =
          switch (pairing) {
            case ADJACENT -> from + 2 * j;
            case HALVES -> from + j;
          };
      int second =
          switch (pairing) {
            case ADJACENT -> first + 1;
            case HALVES -> first + cos.length;
          };
      double a = values[first];
      double b = values[second];
      values[first] =
          Rounding.through(products, a * cos[j]) - Rounding.through(products, b * sin[j]);
      values[second] =
          Rounding.through(products, b * cos[j]) + Rounding.through(products, a * sin[j]);
    }
  }
}

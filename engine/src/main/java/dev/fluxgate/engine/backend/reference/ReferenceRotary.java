package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rotary position embedding, with the RMS norm of each head before it. */
final class ReferenceRotary {
  private ReferenceRotary() {}

  /** Rotates x into out; {@code weight} and {@code eps} are those of the head norm, if any. */
  static void rotate(
      Tensor x, int heads, float @Nullable [] weight, float eps, RotaryTable table, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows cos = new TensorRows(table.cos());
    TensorRows sin = new TensorRows(table.sin());
    TensorRows result = new TensorRows(out);
    int headDim = x.columns() / heads;
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] values = ReferenceElementwise.widen(in.read(row));
          float[] c = cos.read(row % cos.rows());
          float[] s = sin.read(row % sin.rows());
          for (int h = 0; h < heads; h++) {
            if (weight != null) {
              ReferenceNorms.scaleByRms(values, h * headDim, weight, eps);
            }
            rotateHead(values, h * headDim, c, s, table.pairing());
          }
          result.write(row, values);
        });
  }

  private static void rotateHead(
      double[] values, int from, float[] cos, float[] sin, RotaryTable.Pairing pairing) {
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
      values[first] = a * cos[j] - b * sin[j];
      values[second] = b * cos[j] + a * sin[j];
    }
  }
}

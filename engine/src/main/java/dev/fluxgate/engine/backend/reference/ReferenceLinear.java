package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.stream.IntStream;

/** Products of rows with matrices. */
final class ReferenceLinear {
  private ReferenceLinear() {}

  /** out = R(epilogue(x·Wᵀ + b)), one row of x at a time. */
  static void linear(Tensor x, ReferenceWeights.Matrix weight, Epilogue epilogue, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    ReferenceEpilogue after = new ReferenceEpilogue(epilogue, out.dtype());
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] product = product(in.read(row), weight);
          after.apply(row, product);
          result.write(row, product);
        });
  }

  /** Σ a[i]·b[from + i] in float64, in four sums that the processor can overlap. */
  static double dot(float[] a, float[] b, int from) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      sum0 += (double) a[i] * b[from + i];
      sum1 += (double) a[i + 1] * b[from + i + 1];
      sum2 += (double) a[i + 2] * b[from + i + 2];
      sum3 += (double) a[i + 3] * b[from + i + 3];
    }
    for (; i < a.length; i++) {
      sum0 += (double) a[i] * b[from + i];
    }
    return sum0 + sum1 + (sum2 + sum3);
  }

  private static double[] product(float[] x, ReferenceWeights.Matrix weight) {
    double[] product = new double[weight.outFeatures()];
    for (int n = 0; n < product.length; n++) {
      product[n] = dot(x, weight.values, n * x.length) + weight.bias[n];
    }
    return product;
  }
}

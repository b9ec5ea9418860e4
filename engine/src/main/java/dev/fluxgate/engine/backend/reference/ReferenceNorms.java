package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Norms over rows and over groups of channels; two passes: mean, then spread around it. */
final class ReferenceNorms {
  private ReferenceNorms() {}

  /** out = R(w · R(x · rsqrt(mean(x²) + eps))). */
  static void rmsNorm(Tensor x, float[] weight, float eps, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] values = ReferenceElementwise.widen(in.read(row));
          scaleByRms(values, 0, weight, eps, out.dtype());
          result.write(row, values);
        });
  }

  /**
   * RMS norm of {@code values[from, from + weight.length)}, in place, rounded to {@code inner}
   * before it is multiplied by the weight.
   */
  static void scaleByRms(double[] values, int from, float[] weight, float eps, DType inner) {
    double squares = 0;
    for (int i = 0; i < weight.length; i++) {
      squares += values[from + i] * values[from + i];
    }
    double factor = 1 / Math.sqrt(squares / weight.length + eps);
    for (int i = 0; i < weight.length; i++) {
      values[from + i] = weight[i] * Rounding.through(inner, values[from + i] * factor);
    }
  }

  /** out = R(R(R(1 + scale) · R(LN(x))) + shift). */
  static void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    float[] shifts = new TensorRows(shift).read(0);
    float[] scales = new TensorRows(scale).read(0);
    DType type = out.dtype();
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] values = ReferenceElementwise.widen(in.read(row));
          normalize(values, eps);
          for (int i = 0; i < values.length; i++) {
            double gain = Rounding.through(type, 1.0 + scales[i]);
            double scaled = gain * Rounding.through(type, values[i]);
            values[i] = Rounding.through(type, scaled) + shifts[i];
          }
          result.write(row, values);
        });
  }

  /** out = R(w · LN(x) + b). */
  static void layerNorm(Tensor x, float[] weight, float[] bias, float eps, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    IntStream.range(0, in.rows())
        .parallel()
        .forEach(row -> {
          double[] values = ReferenceElementwise.widen(in.read(row));
          normalize(values, eps);
          for (int i = 0; i < values.length; i++) {
            values[i] = weight[i] * values[i] + bias[i];
          }
          result.write(row, values);
        });
  }

  /** Group norm over pictures, one group of one picture at a time, then the activation. */
  static void groupNorm(
      Tensor x,
      float[] weight,
      float[] bias,
      int groups,
      float eps,
      Epilogue activation,
      Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    ReferenceEpilogue after = new ReferenceEpilogue(activation, out.dtype());
    int pixels = x.shape().size(1) * x.shape().size(2);
    int width = x.columns() / groups;
    IntStream.range(0, x.shape().size(0) * groups)
        .parallel()
        .forEach(task -> {
          int firstRow = task / groups * pixels;
          int column = task % groups * width;
          float[] group = new float[pixels * width];
          for (int p = 0; p < pixels; p++) {
            in.read(firstRow + p, column, group, p * width, width);
          }
          double[] values = ReferenceElementwise.widen(group);
          normalize(values, eps);
          for (int p = 0; p < pixels; p++) {
            double[] pixel = Arrays.copyOfRange(values, p * width, (p + 1) * width);
            for (int c = 0; c < width; c++) {
              pixel[c] = pixel[c] * weight[column + c] + bias[column + c];
            }
            after.apply(firstRow + p, pixel);
            result.write(firstRow + p, column, pixel);
          }
        });
  }

  /** (x − mean) · rsqrt(variance + eps) over all values, biased variance, in place. */
  private static void normalize(double[] values, double eps) {
    double mean = Arrays.stream(values).sum() / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double factor = 1 / Math.sqrt(squares / values.length + eps);
    for (int i = 0; i < values.length; i++) {
      values[i] = (values[i] - mean) * factor;
    }
  }
}

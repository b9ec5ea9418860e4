package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Scaled dot-product attention: all logits of a query, then softmax, then the weighted sum. */
final class ReferenceAttention {
  private static final float LOG2_E = 1.442695f;

  /** Logarithm of the least normal float32. */
  private static final float LEAST_EXPONENT = -87.33655f;

  private ReferenceAttention() {}

  static void attention(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    TensorRows queries = new TensorRows(q);
    TensorRows keys = new TensorRows(k);
    TensorRows values = new TensorRows(v);
    TensorRows result = new TensorRows(out);
    int headDim = geometry.headDim();
    for (int b = 0; b < geometry.batch(); b++) {
      for (int head = 0; head < geometry.heads(); head++) {
        int h = head;
        int sequence = b;
        int column = h * headDim;
        int shared = h * geometry.keyValueHeads() / geometry.heads() * headDim;
        float[] headKeys = head(keys, b * geometry.keys(), geometry.keys(), shared, headDim);
        float[] headValues = head(values, b * geometry.keys(), geometry.keys(), shared, headDim);
        IntStream.range(0, geometry.queries())
            .parallel()
            .forEach(i -> {
              int row = sequence * geometry.queries() + i;
              float[] query = head(queries, row, 1, column, headDim);
              int first = first(mask, sequence);
              float[] bias = bias(mask, h * geometry.queries() + i);
              double[] e =
                  exponentials(
                      logits(
                          query,
                          headKeys,
                          new Span(first, end(mask, sequence, i, geometry)),
                          geometry.scale(),
                          bias),
                      q.dtype(),
                      first,
                      AttentionMask.quick(mask, geometry.keys()));
              result.write(row, column, average(e, q.dtype(), headValues, first, headDim));
            });
      }
    }
  }

  /** The features of one head in {@code count} rows, (count, headDim). */
  private static float[] head(TensorRows rows, int first, int count, int column, int headDim) {
    float[] head = new float[count * headDim];
    for (int j = 0; j < count; j++) {
      rows.read(first + j, column, head, j * headDim, headDim);
    }
    return head;
  }

  private static int first(AttentionMask mask, int sequence) {
    return switch (mask) {
      case AttentionMask.Full _, AttentionMask.Among _, AttentionMask.Biased _ -> 0;
      case AttentionMask.Causal causal -> causal.live().get(sequence).first();
    };
  }

  private static int end(AttentionMask mask, int sequence, int query, AttentionGeometry geometry) {
    return switch (mask) {
      case AttentionMask.Full _, AttentionMask.Among _, AttentionMask.Biased _ -> geometry.keys();
      case AttentionMask.Causal causal ->
          Math.min(
              query + 1 + geometry.keys() - geometry.queries(), causal.live().get(sequence).end());
    };
  }

  /** What is added to the logits of one query, from key 0 on; nothing if empty. */
  private static float[] bias(AttentionMask mask, int row) {
    return switch (mask) {
      case AttentionMask.Full _, AttentionMask.Among _, AttentionMask.Causal _ -> new float[0];
      case AttentionMask.Biased(Tensor bias) -> new TensorRows(bias).read(row);
    };
  }

  /** Keys [first, end); none if first ≥ end. */
  private record Span(int first, int end) {}

  /** Scaled logits of some keys, with their bias if there is one. */
  private static double[] logits(
      float[] query, float[] keys, Span span, double scale, float[] bias) {
    double[] logits = new double[Math.max(span.end - span.first, 0)];
    for (int j = 0; j < logits.length; j++) {
      int key = span.first + j;
      double logit = scale * ReferenceLinear.dot(query, keys, key * query.length);
      logits[j] = bias.length == 0 ? logit : logit + bias[key];
    }
    return logits;
  }

  /**
   * exp(logit − largest logit), logits from key {@code first} on. In bfloat16 the keys before
   * {@code whole} take {@link #quick}, as they do in the reference.
   */
  private static double[] exponentials(double[] logits, DType type, int first, int whole) {
    double largest = Arrays.stream(logits).max().orElse(0);
    double[] e = new double[logits.length];
    for (int j = 0; j < e.length; j++) {
      double power = logits[j] - largest;
      e[j] = type == DType.BF16 && first + j < whole ? quick((float) power) : Math.exp(power);
    }
    return e;
  }

  /**
   * e^x for x ≤ 0 to 10⁻⁴ of itself: the bits of a float32 read as a number are a piecewise linear
   * logarithm, which a cubic bends straight (Malossi, Ineichen, Bekas and Curioni 2015).
   */
  private static float quick(float x) {
    if (x < LEAST_EXPONENT) {
      return 0;
    }
    float power = x * LOG2_E;
    float rest = power - (float) Math.floor(power);
    float bend = Math.fma(rest, -0.07920424f, -0.22433837f);
    bend = Math.fma(rest, bend, 0.3035426f);
    bend = Math.fma(rest, bend, 1.0703435e-4f);
    return Float.intBitsToFloat((int) Math.fma(0x1p23f, power - bend, 127 * 0x1p23f));
  }

  /** Σ R(e)·v / Σ e, R rounding to {@code type}; zeros without any key. */
  private static double[] average(double[] e, DType type, float[] values, int first, int headDim) {
    double[] sums = new double[headDim];
    for (int j = 0; j < e.length; j++) {
      double weight = Rounding.through(type, e[j]);
      int row = (first + j) * headDim;
      for (int d = 0; d < headDim; d++) {
        sums[d] += weight * values[row + d];
      }
    }
    double total = Arrays.stream(e).sum();
    return e.length == 0 ? sums : Arrays.stream(sums).map(sum -> sum / total).toArray();
  }
}

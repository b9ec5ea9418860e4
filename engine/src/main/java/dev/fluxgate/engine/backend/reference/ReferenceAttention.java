package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.stream.IntStream;

/** Scaled dot-product attention: all logits of a query, then softmax, then the weighted sum. */
final class ReferenceAttention {
  private ReferenceAttention() {}

  static void attention(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    TensorRows queries = new TensorRows(q);
    TensorRows keys = new TensorRows(k);
    TensorRows values = new TensorRows(v);
    TensorRows result = new TensorRows(out);
    int headDim = geometry.headDim();
    for (int b = 0; b < geometry.batch(); b++) {
      for (int h = 0; h < geometry.heads(); h++) {
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
              double[] p =
                  softmax(logits(query, headKeys, first, end(mask, sequence, i, geometry)));
              result.write(row, column, weightedSum(p, headValues, first, headDim));
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
      case AttentionMask.Full _ -> 0;
      case AttentionMask.Causal causal -> causal.live().get(sequence).first();
    };
  }

  private static int end(AttentionMask mask, int sequence, int query, AttentionGeometry geometry) {
    return switch (mask) {
      case AttentionMask.Full _ -> geometry.keys();
      case AttentionMask.Causal causal -> Math.min(query + 1, causal.live().get(sequence).end());
    };
  }

  /** Logits of keys [first, end), unscaled logits times headDim^−½; none if first ≥ end. */
  private static double[] logits(float[] query, float[] keys, int first, int end) {
    double[] logits = new double[Math.max(end - first, 0)];
    double scale = 1 / Math.sqrt(query.length);
    for (int j = 0; j < logits.length; j++) {
      logits[j] = scale * ReferenceLinear.dot(query, keys, (first + j) * query.length);
    }
    return logits;
  }

  private static double[] softmax(double[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    double[] p = new double[logits.length];
    for (int j = 0; j < p.length; j++) {
      p[j] = Math.exp(logits[j] - largest);
      sum += p[j];
    }
    for (int j = 0; j < p.length; j++) {
      p[j] /= sum;
    }
    return p;
  }

  private static double[] weightedSum(double[] p, float[] values, int first, int headDim) {
    double[] sums = new double[headDim];
    for (int j = 0; j < p.length; j++) {
      int row = (first + j) * headDim;
      for (int d = 0; d < headDim; d++) {
        sums[d] += p[j] * values[row + d];
      }
    }
    return sums;
  }
}

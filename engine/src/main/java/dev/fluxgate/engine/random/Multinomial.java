package dev.fluxgate.engine.random;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The two ways in which torch draws indices. One sample, or samples without replacement: the
 * largest p/q, where every category has its own exponential q. Several with replacement: a uniform
 * is looked up in the float32 running sum of the row.
 */
final class Multinomial {
  private Multinomial() {}

  static HostTensor draw(
      TorchGenerator generator, HostTensor probabilities, int samples, boolean replacement) {
    Shape shape = probabilities.shape();
    int categories = Math.toIntExact(shape.columns());
    boolean distinct = samples == 1 || !replacement;
    if (shape.rank() < 1 || shape.rank() > 2 || probabilities.dtype() != DType.F32) {
      throw new IllegalArgumentException(
          "probabilities: "
              + probabilities.dtype()
              + " "
              + shape
              + " (expected: F32, rank 1 or 2)");
    }
    if (samples < 1 || (distinct && samples > categories)) {
      throw new IllegalArgumentException(
          "samples: " + samples + " (expected: 1.." + categories + " without replacement)");
    }
    float[] weights = probabilities.toFloats();
    checkWeights(weights, categories);
    int rows = Math.toIntExact(shape.rows());
    long[] indices =
        distinct
            ? largestQuotients(generator, weights, rows, samples)
            : lookedUp(generator, weights, rows, samples);
    HostTensor result =
        HostTensor.zeros(
            DType.I64, shape.rank() == 1 ? Shape.of(samples) : Shape.of(rows, samples));
    for (int i = 0; i < indices.length; i++) {
      result.data().set(JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN), 8L * i, indices[i]);
    }
    return result;
  }

  private static void checkWeights(float[] weights, int categories) {
    for (int start = 0; start < weights.length; start += categories) {
      double sum = 0;
      for (int i = start; i < start + categories; i++) {
        if (!(weights[i] >= 0) || Float.isInfinite(weights[i])) {
          throw new IllegalArgumentException(
              "probability " + i + ": " + weights[i] + " (expected: finite, not negative)");
        }
        sum += weights[i];
      }
      if (sum == 0) {
        throw new IllegalArgumentException(
            "row " + start / categories + ": sum 0 (expected: a positive probability)");
      }
    }
  }

  private static long[] largestQuotients(
      TorchGenerator generator, float[] weights, int rows, int samples) {
    int categories = weights.length / rows;
    float[] q = generator.exponential(1, Shape.of(rows, categories), DType.F32).toFloats();
    for (int i = 0; i < q.length; i++) {
      q[i] = weights[i] / q[i];
    }
    long[] indices = new long[rows * samples];
    for (int row = 0; row < rows; row++) {
      int start = row * categories;
      if (samples == 1) {
        indices[row] = largest(q, start, categories);
        continue;
      }
      int[] best =
          IntStream.range(0, categories)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -q[start + i]))
              .limit(samples)
              .mapToInt(Integer::intValue)
              .toArray();
      for (int k = 0; k < samples; k++) {
        indices[row * samples + k] = best[k];
      }
    }
    return indices;
  }

  /** A vocabulary has 10⁵ tokens, one of which is drawn again and again: no sorting for that. */
  private static int largest(float[] q, int start, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (q[start + i] > q[start + best]) {
        best = i;
      }
    }
    return best;
  }

  private static long[] lookedUp(TorchGenerator generator, float[] weights, int rows, int samples) {
    int categories = weights.length / rows;
    long[] indices = new long[rows * samples];
    for (int row = 0; row < rows; row++) {
      float[] sums = Arrays.copyOfRange(weights, row * categories, (row + 1) * categories);
      for (int i = 1; i < categories; i++) {
        sums[i] += sums[i - 1];
      }
      float total = sums[categories - 1];
      for (int i = 0; i < categories; i++) {
        sums[i] /= total;
      }
      sums[categories - 1] = 1;
      for (int k = 0; k < samples; k++) {
        indices[row * samples + k] = firstNotBelow(sums, generator.nextDouble());
      }
    }
    return indices;
  }

  private static int firstNotBelow(float[] sums, double value) {
    int left = 0;
    int right = sums.length;
    while (left < right) {
      int middle = (left + right) >>> 1;
      if (sums[middle] < value) {
        left = middle + 1;
      } else {
        right = middle;
      }
    }
    return left;
  }
}

package dev.fluxgate.encoder.model.t5;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * How much a query favours a key by the distance between them: one number for each head and bucket
 * of distances, learned in the first layer and used by all (models spec §5.3).
 */
final class PositionBias {
  private PositionBias() {}

  /**
   * The bias of every pair of positions.
   *
   * @param table (buckets, H)
   * @param length L
   * @return (H·L, L), row h · L + i for query i of head h
   */
  static HostTensor of(HostTensor table, T5Params params, int length, DType computeType) {
    int heads = params.heads();
    HostTensor bias = HostTensor.zeros(computeType, Shape.of((long) heads * length, length));
    long rowBytes = computeType.bytes(length);
    for (int head = 0; head < heads; head++) {
      // Every row is a stretch of this one, which goes through all distances from key to query.
      MemorySegment distances = distances(table, params, head, length, computeType).data();
      for (int query = 0; query < length; query++) {
        long from = computeType.bytes(length - 1 - query);
        long row = (long) head * length + query;
        MemorySegment.copy(distances, from, bias.data(), row * rowBytes, rowBytes);
      }
    }
    return bias;
  }

  /**
   * The bucket of a distance. The logarithm is float32 and its fraction cut off, as in the
   * reference: at a boundary another precision falls into another bucket.
   *
   * @param relative position of the key less that of the query
   */
  static int bucket(int relative, T5Params params) {
    int half = params.buckets() / 2;
    int exact = half / 2;
    int ahead = relative > 0 ? half : 0;
    int distance = Math.abs(relative);
    if (distance < exact) {
      return ahead + distance;
    }
    float share =
        (float) Math.log((float) distance / exact)
            / (float) Math.log((double) params.maxDistance() / exact);
    return ahead + Math.min(half - 1, exact + (int) (share * (half - exact)));
  }

  private static HostTensor distances(
      HostTensor table, T5Params params, int head, int length, DType computeType) {
    HostTensor row = HostTensor.zeros(computeType, Shape.of(2L * length - 1));
    for (int i = 0; i < 2 * length - 1; i++) {
      int bucket = bucket(i - (length - 1), params);
      row.set(i, table.get((long) bucket * params.heads() + head));
    }
    return row;
  }
}

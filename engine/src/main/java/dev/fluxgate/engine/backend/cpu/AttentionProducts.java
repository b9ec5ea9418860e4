package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Operands;
import dev.fluxgate.engine.backend.cpu.onednn.PostOp;
import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import java.util.List;

/** The compiled products of attention. */
final class AttentionProducts {
  private final CpuResources resources;

  AttentionProducts(CpuResources resources) {
    this.resources = resources;
  }

  /**
   * How queries, keys and values lie.
   *
   * @param type of all three
   * @param headDim features of a head
   * @param q elements from row to row of the queries
   * @param k elements from row to row of the keys
   * @param v elements from row to row of the values
   */
  record Layout(OneDnnType type, int headDim, long q, long k, long v) {}

  /**
   * The products of a block of rows with a chunk of keys.
   *
   * @param logits (q, k, tile): q·kᵀ in float32
   * @param weightedSum (tile, v, sums): the weights times v, in float32
   */
  record Pair(Primitive logits, Primitive weightedSum) {}

  private record LogitsKey(Layout layout, int rows, int keys) {}

  private record SumKey(Layout layout, int rows, int keys, boolean first) {}

  /** The products for {@code rows} by {@code keys}; the first chunk starts the sums anew. */
  Pair pair(Layout layout, int rows, int keys, boolean first) {
    LogitsKey logits = new LogitsKey(layout, rows, keys);
    SumKey sum = new SumKey(layout, rows, keys, first);
    return new Pair(
        resources.primitives().get(logits, () -> compile(logits)),
        resources.primitives().get(sum, () -> compile(sum)));
  }

  private Primitive compile(LogitsKey key) {
    Layout layout = key.layout;
    try (NativeScope scope = resources.engine().scope()) {
      Operands operands =
          Operands.plain(
              scope.matrix(layout.type, key.rows, layout.headDim, layout.q),
              scope.strided(
                  layout.type, new long[] {layout.headDim, key.keys}, new long[] {1, layout.k}),
              scope.matrix(OneDnnType.F32, key.rows, key.keys, tileStride(key.keys)));
      return resources.engine().matmul(operands, key);
    }
  }

  private Primitive compile(SumKey key) {
    Layout layout = key.layout;
    // Weights of two bytes lie in the first half of the place of their logits.
    long stride = tileStride(key.keys) * Float.BYTES / layout.type.bytes();
    try (NativeScope scope = resources.engine().scope()) {
      Operands operands =
          new Operands(
              scope.matrix(layout.type, key.rows, key.keys, stride),
              scope.matrix(layout.type, key.keys, layout.headDim, layout.v),
              null,
              scope.matrix(OneDnnType.F32, key.rows, layout.headDim, layout.headDim),
              key.first ? List.of() : List.of(new PostOp.Sum()));
      return resources.engine().matmul(operands, key);
    }
  }

  /** Logits from row to row of the tile: the keys, rounded up to whole cache lines. */
  static long tileStride(int keys) {
    return Math.ceilDiv(keys, 16) * 16L;
  }
}

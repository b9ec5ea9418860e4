package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Operands;
import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.backend.cpu.vector.Softmax;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention in blocks of query rows. A thread computes the logits of a block against all keys that
 * it can see into a tile of its own, turns them into probabilities there, and multiplies those with
 * the values: two products of oneDNN with one pass over the tile between them.
 */
final class AttentionOp implements AutoCloseable {
  /** Bytes of the tile of one thread. */
  private static final long TILE_BYTES = 8 << 20;

  /** Rows of a block at most: more would not lower the cost of reading the keys once a block. */
  private static final int MAX_ROWS = 256;

  /** Key ranges under a mask are widened to multiples of this, so that few shapes occur. */
  private static final int KEY_STEP = 64;

  /** Multiplications below which another thread costs more than it saves. */
  private static final long SMALL = 1 << 19;

  private final CpuResources resources;
  private final NativeScope scope;
  private final MemorySegment[] tiles;

  AttentionOp(CpuResources resources) {
    this.resources = resources;
    scope = resources.engine().scope();
    tiles = new MemorySegment[resources.partition().workers()];
  }

  /** Elements from row to row: of q, k, v, out. */
  private record Strides(long q, long k, long v, long out) {}

  /** What the products of a block depend on. */
  private record Key(
      boolean logits,
      OneDnnType type,
      OneDnnType outType,
      int rows,
      int keys,
      int headDim,
      Strides strides) {}

  /** The two products of a block. */
  private record Products(Primitive logits, Primitive weightedSum) {}

  /** Some query rows of one sequence and the keys [from, to) that any of them can see. */
  private record Block(
      int sequence, int row, int rows, int from, int to, @Nullable Products products) {

    int keys() {
      return to - from;
    }
  }

  /** One call of the op. */
  private record Call(
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionGeometry geometry,
      AttentionMask mask,
      Tensor out,
      List<Block> blocks) {}

  void run(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    if (q.dtype() != k.dtype() || q.dtype() != v.dtype()) {
      throw new IllegalArgumentException(
          "attention: q, k, v of %s, %s, %s (expected: one type)"
              .formatted(q.dtype(), k.dtype(), v.dtype()));
    }
    resources.primitives().beginOp();
    Strides strides = new Strides(q.rowStride(), k.rowStride(), v.rowStride(), out.rowStride());
    Key pattern =
        new Key(
            true,
            OneDnnType.of(q.dtype()),
            OneDnnType.of(out.dtype()),
            0,
            0,
            geometry.headDim(),
            strides);
    Call call = new Call(q, k, v, geometry, mask, out, blocks(geometry, mask, pattern));
    reserveTiles();
    OneDnnEngine.ownCurrentThread();
    int tasks = call.blocks.size() * geometry.heads();
    if ((long) q.rows() * q.columns() * geometry.keys() < SMALL) {
      for (int i = 0; i < tasks; i++) {
        compute(call, 0, i);
      }
    } else {
      resources.partition().run(tasks, (worker, index) -> compute(call, worker, index));
    }
  }

  private void reserveTiles() {
    for (int i = 0; i < tiles.length && tiles[i] == null; i++) {
      tiles[i] = scope.allocate(TILE_BYTES);
    }
  }

  private List<Block> blocks(AttentionGeometry geometry, AttentionMask mask, Key pattern) {
    long room = TILE_BYTES / (Float.BYTES * Math.max(tileStride(geometry.keys()), 1));
    if (room < 1) {
      throw new IllegalArgumentException(
          "attention: %d keys (expected: at most %d)"
              .formatted(geometry.keys(), TILE_BYTES / Float.BYTES));
    }
    int step = (int) Math.min(room, MAX_ROWS);
    List<Block> blocks = new ArrayList<>();
    for (int b = 0; b < geometry.batch(); b++) {
      for (int row = 0; row < geometry.queries(); row += step) {
        int rows = Math.min(step, geometry.queries() - row);
        int from = 0;
        int to = geometry.keys();
        if (mask instanceof AttentionMask.Causal causal) {
          AttentionMask.KeyRange live = causal.live().get(b);
          from = live.first() / KEY_STEP * KEY_STEP;
          int end = Math.min(row + rows, live.end());
          to = Math.min(Math.ceilDiv(end, KEY_STEP) * KEY_STEP, to);
        }
        Products products = from < to ? products(pattern, rows, to - from) : null;
        blocks.add(new Block(b, row, rows, from, to, products));
      }
    }
    return blocks;
  }

  private Products products(Key pattern, int rows, int keys) {
    return new Products(product(pattern, true, rows, keys), product(pattern, false, rows, keys));
  }

  private Primitive product(Key pattern, boolean logits, int rows, int keys) {
    Key key =
        new Key(
            logits, pattern.type, pattern.outType, rows, keys, pattern.headDim, pattern.strides);
    return resources.primitives().get(key, () -> compile(key));
  }

  private Primitive compile(Key key) {
    int headDim = key.headDim;
    long tile = tileStride(key.keys);
    try (NativeScope temporary = resources.engine().scope()) {
      Operands operands;
      if (key.logits) {
        operands =
            Operands.plain(
                temporary.matrix(key.type, key.rows, headDim, key.strides.q),
                temporary.strided(
                    key.type, new long[] {headDim, key.keys}, new long[] {1, key.strides.k}),
                temporary.matrix(OneDnnType.F32, key.rows, key.keys, tile));
      } else {
        // Probabilities of two bytes lie in the first half of the place of their logits.
        long stride = tile * Float.BYTES / key.type.bytes();
        operands =
            Operands.plain(
                temporary.matrix(key.type, key.rows, key.keys, stride),
                temporary.matrix(key.type, key.keys, headDim, key.strides.v),
                temporary.matrix(key.outType, key.rows, headDim, key.strides.out));
      }
      return resources.engine().matmul(operands, key);
    }
  }

  private void compute(Call call, int worker, int index) {
    AttentionGeometry geometry = call.geometry;
    Block block = call.blocks.get(index / geometry.heads());
    int head = index % geometry.heads();
    int column = head * geometry.headDim();
    int shared = head * geometry.keyValueHeads() / geometry.heads() * geometry.headDim();
    long queryRow = (long) block.sequence * geometry.queries() + block.row;
    long keyRow = (long) block.sequence * geometry.keys() + block.from;
    if (block.products == null) {
      clear(call.out, queryRow, block.rows, column, geometry.headDim());
      return;
    }
    MemorySegment tile = tiles[worker];
    long logits = tile.address();
    block.products.logits.execute(
        worker,
        TensorAddress.of(call.q, queryRow, column),
        TensorAddress.of(call.k, keyRow, shared),
        logits);
    softmax(call, block, tile);
    block.products.weightedSum.execute(
        worker,
        logits,
        TensorAddress.of(call.v, keyRow, shared),
        TensorAddress.of(call.out, queryRow, column));
  }

  private static void softmax(Call call, Block block, MemorySegment tile) {
    float scale = call.geometry.scale();
    int width = OneDnnType.of(call.q.dtype()).bytes();
    long stride = tileStride(block.keys()) * Float.BYTES;
    Softmax.Target target = width == Float.BYTES ? Softmax.Target.FLOAT : Softmax.Target.BFLOAT16;
    for (int i = 0; i < block.rows; i++) {
      int from = 0;
      int to = block.keys();
      if (call.mask instanceof AttentionMask.Causal causal) {
        AttentionMask.KeyRange live = causal.live().get(block.sequence);
        from = live.first() - block.from;
        to = Math.min(Math.min(block.row + i + 1, live.end()) - block.from, to);
      }
      Softmax.row(tile, i * stride, block.keys(), from, to, scale, target);
    }
  }

  private static void clear(Tensor out, long row, int rows, int column, int count) {
    MemorySegment segment = FloatRows.segment(out);
    for (long i = row; i < row + rows; i++) {
      long first = out.offset() + i * out.rowStride() + column;
      segment.asSlice(out.dtype().bytes(first), out.dtype().bytes(count)).fill((byte) 0);
    }
  }

  /** Logits from row to row of the tile: the keys, rounded up to whole cache lines. */
  private static long tileStride(int keys) {
    return Math.ceilDiv(keys, 16) * 16L;
  }

  @Override
  public void close() {
    scope.close();
  }
}

package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.backend.cpu.vector.OnlineSoftmax;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention in blocks of query rows by chunks of keys. A thread computes the logits of a block
 * against a chunk into a tile of its own, turns them into weights there, and adds their product
 * with the values to sums of its own: two products of oneDNN with one pass over the tile between
 * them, and a tile that stays in the second-level cache.
 */
final class AttentionOp implements AutoCloseable {
  /** Rows of a block at most: more would not lower the cost of reading the keys once a block. */
  private static final int MAX_ROWS = 256;

  /**
   * Keys of a chunk, as many as the reference's kernel takes at a time: what is rounded to bfloat16
   * is relative to the largest logit so far. With the rows of a block a tile of half a megabyte.
   */
  private static final int MAX_KEYS = 512;

  /** Key ranges under a mask are widened to multiples of this, so that few shapes occur. */
  private static final int KEY_STEP = 64;

  /** Multiplications below which another thread costs more than it saves. */
  private static final long SMALL = 1 << 19;

  private final CpuResources resources;
  private final AttentionProducts products;
  private NativeScope scope;
  private final OnlineSoftmax[] softmaxes;
  private int headDimRoom;

  AttentionOp(CpuResources resources) {
    this.resources = resources;
    products = new AttentionProducts(resources);
    scope = resources.engine().scope();
    softmaxes = new OnlineSoftmax[resources.partition().workers()];
  }

  /** Keys [from, from + count) of a sequence, and the products of a block with them. */
  private record Chunk(int from, int count, AttentionProducts.Pair products) {}

  /** Some query rows of one sequence and the keys that any of them can see. */
  private record Block(int sequence, int row, int rows, List<Chunk> chunks) {}

  /** The biases of one head, as a worker reads them. */
  private record Biases(FloatRows rows, int head, int worker) {}

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
    AttentionProducts.Layout layout =
        new AttentionProducts.Layout(
            OneDnnType.of(q.dtype()),
            geometry.headDim(),
            q.rowStride(),
            k.rowStride(),
            v.rowStride());
    Call call = new Call(q, k, v, geometry, mask, out, blocks(geometry, mask, layout));
    reserve(geometry.headDim());
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

  /** Takes tiles at first use, and larger ones for wider heads. */
  private void reserve(int headDim) {
    if (headDim <= headDimRoom) {
      return;
    }
    scope.close();
    scope = resources.engine().scope();
    headDimRoom = headDim;
    for (int i = 0; i < softmaxes.length; i++) {
      softmaxes[i] =
          new OnlineSoftmax(
              scope.allocate((long) MAX_ROWS * MAX_KEYS * Float.BYTES),
              scope.allocate((long) MAX_ROWS * headDim * Float.BYTES),
              MAX_ROWS);
    }
  }

  private List<Block> blocks(
      AttentionGeometry geometry, AttentionMask mask, AttentionProducts.Layout layout) {
    int step = blockRows(geometry.queries());
    List<Block> blocks = new ArrayList<>();
    for (int b = 0; b < geometry.batch(); b++) {
      for (int row = 0; row < geometry.queries(); row += step) {
        int rows = Math.min(step, geometry.queries() - row);
        int from = 0;
        int to = geometry.keys();
        if (mask instanceof AttentionMask.Causal causal) {
          AttentionMask.KeyRange live = causal.live().get(b);
          from = live.first() / KEY_STEP * KEY_STEP;
          int end = Math.min(row + rows + ahead(geometry), live.end());
          to = Math.min(Math.ceilDiv(end, KEY_STEP) * KEY_STEP, to);
        }
        blocks.add(new Block(b, row, rows, chunks(layout, rows, from, to)));
      }
    }
    return blocks;
  }

  /** Keys of a causal mask before the first query's own. */
  private static int ahead(AttentionGeometry geometry) {
    return geometry.keys() - geometry.queries();
  }

  private List<Chunk> chunks(AttentionProducts.Layout layout, int rows, int from, int to) {
    List<Chunk> chunks = new ArrayList<>();
    for (int key = from; key < to; key += MAX_KEYS) {
      int count = Math.min(MAX_KEYS, to - key);
      chunks.add(new Chunk(key, count, products.pair(layout, rows, count, key == from)));
    }
    return chunks;
  }

  /** Rows of a block, a multiple of 16, when {@code queries} are cut evenly. */
  private static int blockRows(int queries) {
    int blocks = Math.max(Math.ceilDiv(queries, MAX_ROWS), 1);
    return Math.max(Math.ceilDiv(Math.ceilDiv(queries, blocks), 16) * 16, 16);
  }

  private void compute(Call call, int worker, int index) {
    AttentionGeometry geometry = call.geometry;
    Block block = call.blocks.get(index / geometry.heads());
    int head = index % geometry.heads();
    int headDim = geometry.headDim();
    int column = head * headDim;
    int shared = head * geometry.keyValueHeads() / geometry.heads() * headDim;
    int queryRow = block.sequence * geometry.queries() + block.row;
    OnlineSoftmax softmax = softmaxes[worker];
    // A bias is added to scaled logits, so that nothing is left to be scaled.
    softmax.begin(call.mask instanceof AttentionMask.Biased ? 1 : geometry.scale(), headDim);
    long tile = softmax.logits().address();
    for (Chunk chunk : block.chunks) {
      long keyRow = (long) block.sequence * geometry.keys() + chunk.from;
      chunk
          .products
          .logits()
          .execute(
              worker,
              TensorAddress.of(call.q, queryRow, column),
              TensorAddress.of(call.k, keyRow, shared),
              tile);
      if (call.mask instanceof AttentionMask.Biased(Tensor bias)) {
        addBias(call, block, chunk, new Biases(FloatRows.of(bias), head, worker));
      }
      add(call, block, chunk, softmax);
      chunk
          .products
          .weightedSum()
          .execute(
              worker,
              tile,
              TensorAddress.of(call.v, keyRow, shared),
              softmax.weightedSums().address());
    }
    FloatRows out = FloatRows.of(call.out);
    float[] buffer = resources.buffers().row(worker, 0, headDim);
    for (int i = 0; i < block.rows; i++) {
      softmax.store(i, headDim, out, queryRow + i, column, buffer);
    }
  }

  private void addBias(Call call, Block block, Chunk chunk, Biases biases) {
    AttentionGeometry geometry = call.geometry;
    long stride = AttentionProducts.tileStride(chunk.count);
    float[] buffer = resources.buffers().row(biases.worker, 1, chunk.count);
    int row = biases.head * geometry.queries() + block.row;
    for (int i = 0; i < block.rows; i++) {
      biases.rows.read(row + i, chunk.from, chunk.count, buffer);
      softmaxes[biases.worker].shift(i, stride, geometry.scale(), buffer, chunk.count);
    }
  }

  private static void add(Call call, Block block, Chunk chunk, OnlineSoftmax softmax) {
    long stride = AttentionProducts.tileStride(chunk.count);
    int quick =
        Math.clamp(
            AttentionMask.quick(call.mask, call.geometry.keys()) - chunk.from, 0, chunk.count);
    OnlineSoftmax.Target target =
        switch (OneDnnType.of(call.q.dtype())) {
          case F32 -> OnlineSoftmax.Target.FLOAT;
          case BF16, F16 -> OnlineSoftmax.Target.BFLOAT16;
        };
    for (int i = 0; i < block.rows; i++) {
      int from = 0;
      int to = chunk.count;
      if (call.mask instanceof AttentionMask.Causal causal) {
        AttentionMask.KeyRange live = causal.live().get(block.sequence);
        from = Math.max(live.first() - chunk.from, 0);
        int seen = block.row + i + 1 + ahead(call.geometry);
        to = Math.min(Math.min(seen, live.end()) - chunk.from, to);
      }
      softmax.add(i, stride, chunk.count, quick, from, to, target);
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}

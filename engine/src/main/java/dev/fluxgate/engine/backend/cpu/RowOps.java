package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.cpu.vector.Conversion;
import dev.fluxgate.engine.backend.cpu.vector.Elementwise;
import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.backend.cpu.vector.Norms;
import dev.fluxgate.engine.backend.cpu.vector.Rotation;
import dev.fluxgate.engine.backend.cpu.vector.RowBuffers;
import dev.fluxgate.engine.backend.cpu.vector.RowMoments;
import dev.fluxgate.engine.tensor.BFloat16;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ops that treat every row for itself: read once, worked on in the cache, written once. */
final class RowOps {
  private final CpuResources resources;

  RowOps(CpuResources resources) {
    this.resources = resources;
  }

  /** Formula on a row; the second array is a second input, or where there is none, for sums. */
  @FunctionalInterface
  private interface Formula {
    void apply(float[] a, float[] b, int count);
  }

  void copy(Tensor x, Tensor out) {
    if (x.dtype() == out.dtype()) {
      copyRows(x, out);
    } else {
      map(x, null, out, (a, _, count) -> {});
    }
  }

  void silu(Tensor x, Tensor out) {
    map(x, null, out, (a, _, count) -> Elementwise.silu(a, count));
  }

  void eulerStep(Tensor x, Tensor velocity, float dt, Tensor out) {
    boolean rounded = velocity.dtype() == DType.BF16;
    float step = rounded ? BFloat16.round(dt) : dt;
    map(x, velocity, out, (a, b, count) -> Elementwise.step(a, b, step, rounded, count));
  }

  void guide(Tensor negative, Tensor positive, float scale, Tensor out) {
    boolean rounded = out.dtype() == DType.BF16;
    map(negative, positive, out, (a, b, n) -> Elementwise.guide(a, b, scale, rounded, n));
  }

  void rmsNorm(Tensor x, float[] weight, float eps, Tensor out) {
    // The store rounds once more, which changes nothing.
    Norms.Rms rounding = rounds(out) ? Norms.Rms.ROUNDED_TWICE : Norms.Rms.EXACT;
    map(x, null, out, (a, sums, _) -> Norms.rms(a, 0, weight, eps, rounding, sums));
  }

  void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out) {
    int columns = x.columns();
    RowBuffers buffers = resources.buffers();
    float[] shifts = buffers.row(0, 2, columns);
    float[] gains = buffers.row(0, 3, columns);
    FloatRows.of(shift).read(0, shifts);
    FloatRows.of(scale).read(0, gains);
    Elementwise.increase(gains, 1, columns);
    if (rounds(out)) {
      Elementwise.round(gains, columns);
      normalize(x, eps, out, (a, n) -> Elementwise.roundedAffine(a, gains, shifts, n));
    } else {
      normalize(x, eps, out, (a, n) -> Elementwise.affine(a, gains, shifts, n));
    }
  }

  void layerNorm(Tensor x, float[] weight, float[] bias, float eps, Tensor out) {
    normalize(x, eps, out, (a, n) -> Elementwise.affine(a, weight, bias, n));
  }

  void add(Tensor x, Tensor y, Tensor out) {
    map(x, y, out, Elementwise::add);
  }

  void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    boolean rounded = rounds(out);
    FloatRows before = FloatRows.of(kept);
    FloatRows after = FloatRows.of(repainted);
    FloatRows shares = FloatRows.of(mask);
    FloatRows result = FloatRows.of(out);
    int columns = out.columns();
    RowBuffers buffers = resources.buffers();
    resources
        .partition()
        .rows(
            out.rows(),
            3 * out.dtype().bytes(out.shape().count()),
            (worker, from, to) -> {
              float[] a = buffers.row(worker, 0, columns);
              float[] b = buffers.row(worker, 1, columns);
              float[] share = buffers.row(worker, 2, 1);
              for (int row = from; row < to; row++) {
                before.read(row, a);
                after.read(row, b);
                shares.read(row, 0, 1, share);
                float rest = rounded ? BFloat16.round(1 - share[0]) : 1 - share[0];
                Elementwise.blend(a, b, share[0], rest, rounded, columns);
                result.write(row, a);
              }
            });
  }

  /** Whether steps on the way to {@code out} are rounded to its type. */
  private static boolean rounds(Tensor tensor) {
    return tensor.dtype() == DType.BF16;
  }

  /** out = formula(x, y) row by row. */
  private void map(Tensor x, @Nullable Tensor y, Tensor out, Formula formula) {
    map(x, y, out, () -> formula);
  }

  /** The same where a formula keeps something from row to row: each worker has its own. */
  private void map(Tensor x, @Nullable Tensor y, Tensor out, Supplier<Formula> formulas) {
    FloatRows in = FloatRows.of(x);
    FloatRows second = y == null ? in : FloatRows.of(y);
    FloatRows result = FloatRows.of(out);
    int columns = x.columns();
    RowBuffers buffers = resources.buffers();
    resources
        .partition()
        .rows(
            x.rows(),
            2 * x.dtype().bytes(x.shape().count()),
            (worker, from, to) -> {
              Formula formula = formulas.get();
              float[] a = buffers.row(worker, 0, columns);
              float[] b = y == null ? buffers.sums(worker) : buffers.row(worker, 1, columns);
              for (int row = from; row < to; row++) {
                in.read(row, a);
                if (y != null) {
                  second.read(row, b);
                }
                formula.apply(a, b, columns);
                result.write(row, a);
              }
            });
  }

  /** Layer norms of the rows, then {@code formula} over each. */
  private void normalize(Tensor x, float eps, Tensor out, ObjIntConsumer<float[]> formula) {
    map(
        x,
        null,
        out,
        () -> {
          RowMoments moments = new RowMoments(rounds(x));
          return (a, _, n) -> {
            Norms.layer(a, moments, eps, n);
            formula.accept(a, n);
          };
        });
  }

  private static Norms.Rms headRounding(Tensor x, @Nullable HeadNorm norm) {
    if (norm == null || !rounds(x)) {
      return Norms.Rms.EXACT;
    }
    return switch (norm.order()) {
      case WEIGH_THEN_ROUND -> Norms.Rms.ROUNDED_AFTER_WEIGHT;
      case ROUND_THEN_WEIGH -> Norms.Rms.ROUNDED_TWICE;
    };
  }

  void rotate(Tensor x, int heads, @Nullable HeadNorm norm, RotaryTable table, Tensor out) {
    FloatRows in = FloatRows.of(x);
    FloatRows result = FloatRows.of(out);
    FloatRows cos = FloatRows.of(table.cos());
    FloatRows sin = FloatRows.of(table.sin());
    int positions = table.cos().rows();
    int headDim = x.columns() / heads;
    float[] weight =
        norm == null ? null : CpuWeight.own(norm.weight(), CpuWeight.Vector.class).values;
    float eps = norm == null ? 0 : norm.eps();
    Norms.Rms rounding = headRounding(x, norm);
    boolean products = rounds(x) && rounds(table.cos());
    RowBuffers buffers = resources.buffers();
    resources
        .partition()
        .rows(
            x.rows(),
            2 * x.dtype().bytes(x.shape().count()),
            (worker, from, to) -> {
              float[] values = buffers.row(worker, 0, x.columns());
              float[] angles = buffers.row(worker, 1, headDim);
              float[] factor = buffers.row(worker, 2, headDim);
              float[] crossed = buffers.row(worker, 3, headDim);
              float[] sums = buffers.sums(worker);
              for (int row = from; row < to; row++) {
                in.read(row, values);
                cos.read(row % positions, angles);
                Rotation.spreadCos(angles, headDim / 2, table.pairing(), factor);
                sin.read(row % positions, angles);
                Rotation.spreadSin(angles, headDim / 2, table.pairing(), crossed);
                for (int head = 0; head < heads; head++) {
                  int first = head * headDim;
                  if (weight != null) {
                    Norms.rms(values, first, weight, eps, rounding, sums);
                  }
                  if (products) {
                    Rotation.rotateRounded(
                        values, first, headDim, table.pairing(), factor, crossed);
                  } else {
                    Rotation.rotate(values, first, headDim, table.pairing(), factor, crossed);
                  }
                }
                result.write(row, values);
              }
            });
  }

  /** Checks every id before anything is written. */
  void embed(Tensor ids, CpuWeight.Embedding weight, Tensor out) {
    MemorySegment numbers = FloatRows.segment(ids);
    int[] rows = new int[out.rows()];
    for (int i = 0; i < rows.length; i++) {
      long element = ids.offset() + i / ids.columns() * ids.rowStride() + i % ids.columns();
      rows[i] = numbers.get(ValueLayout.JAVA_INT_UNALIGNED, Integer.BYTES * element);
      OpShapes.id(i, rows[i], weight);
    }
    HostTensor table = weight.table();
    FloatRows result = FloatRows.of(out);
    HostTensor row = HostTensor.zeros(weight.type(), Shape.of(1, table.shape().dim(1)));
    Tensor view = Tensor.of(weight.type(), row.shape(), new Storage.Host(row.data()));
    FloatRows converted = FloatRows.of(view);
    float[] values = resources.buffers().row(0, 0, out.columns());
    for (int i = 0; i < rows.length; i++) {
      Conversion.convert(table.slice(rows[i], 1), weight.type(), row.data());
      converted.read(0, values);
      result.write(i, values);
    }
  }

  /** Each row of pixels is doubled once and stored twice. */
  void upsampleNearest(Tensor x, Tensor out) {
    FloatRows in = FloatRows.of(x);
    FloatRows result = FloatRows.of(out);
    int width = x.shape().size(2);
    int channels = x.columns();
    RowBuffers buffers = resources.buffers();
    int lines = x.rows() / Math.max(width, 1);
    resources
        .partition()
        .rows(
            lines,
            5 * x.dtype().bytes(x.shape().count()),
            (worker, from, to) -> {
              float[] pixel = buffers.row(worker, 0, channels);
              for (int line = from; line < to; line++) {
                for (int column = 0; column < width; column++) {
                  in.read(line * width + column, pixel);
                  int target = 4 * line * width + 2 * column;
                  result.write(target, pixel);
                  result.write(target + 1, pixel);
                  result.write(target + 2 * width, pixel);
                  result.write(target + 2 * width + 1, pixel);
                }
              }
            });
  }

  private void copyRows(Tensor x, Tensor out) {
    MemorySegment source = FloatRows.segment(x);
    MemorySegment target = FloatRows.segment(out);
    long bytes = x.dtype().bytes(x.columns());
    long sourceStride = x.dtype().bytes(x.rowStride());
    long targetStride = x.dtype().bytes(out.rowStride());
    long sourceStart = x.dtype().bytes(x.offset());
    long targetStart = x.dtype().bytes(out.offset());
    resources
        .partition()
        .rows(
            x.rows(),
            2 * bytes * x.rows(),
            (_, from, to) -> {
              for (long row = from; row < to; row++) {
                MemorySegment.copy(
                    source,
                    sourceStart + row * sourceStride,
                    target,
                    targetStart + row * targetStride,
                    bytes);
              }
            });
  }
}

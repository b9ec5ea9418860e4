package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.cpu.vector.ColumnMoments;
import dev.fluxgate.engine.backend.cpu.vector.Elementwise;
import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.backend.cpu.vector.RowMoments;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * Group norm with the channels innermost. The moments of a group are those of its channels one
 * after the other, as the reference has them in memory. A second pass applies the norm as one
 * multiplication and one addition a channel, together with the activation.
 */
final class GroupNormOp {
  private final CpuResources resources;

  GroupNormOp(CpuResources resources) {
    this.resources = resources;
  }

  void run(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    int pictures = x.shape().size(0);
    int pixels = x.rows() / Math.max(pictures, 1);
    Affine affine = new Affine(norm, x.columns());
    for (int picture = 0; picture < pictures; picture++) {
      int firstRow = picture * pixels;
      if (ColumnMoments.fits(x.columns()) && pixels % ColumnMoments.rows(rounded(x)) == 0) {
        momentsByBlock(x, firstRow, pixels, affine);
      } else {
        resources
            .partition()
            .rows(
                norm.groups(),
                x.dtype().bytes((long) pixels * x.columns()),
                (worker, from, to) -> moments(x, firstRow, pixels, affine, worker, from, to));
      }
      apply(x, firstRow, pixels, affine, activation, out);
    }
  }

  private static boolean rounded(Tensor x) {
    return x.dtype() == DType.BF16;
  }

  /** The norm of every channel of a picture as a factor and a summand. */
  private static final class Affine {
    private final float[] weight;
    private final float[] bias;
    private final int width;
    private final float eps;
    private final float[] factor;
    private final float[] summand;

    Affine(GroupNorm norm, int channels) {
      weight = CpuWeight.own(norm.weight(), CpuWeight.Vector.class).values;
      bias = CpuWeight.own(norm.bias(), CpuWeight.Vector.class).values;
      width = channels / norm.groups();
      eps = norm.eps();
      factor = new float[channels];
      summand = new float[channels];
    }

    void set(int group, RowMoments moments) {
      float scale = (float) (1 / Math.sqrt((double) Math.max(moments.variance(), 0) + eps));
      for (int c = group * width; c < (group + 1) * width; c++) {
        factor[c] = scale * weight[c];
        summand[c] = Math.fma(-factor[c], moments.mean(), bias[c]);
      }
    }
  }

  /** Makes the norms of all groups: one pass for the blocks of every channel, then these. */
  private void momentsByBlock(Tensor x, int firstRow, int pixels, Affine affine) {
    FloatRows in = FloatRows.of(x);
    int channels = x.columns();
    int rows = ColumnMoments.rows(rounded(x));
    int blocks = pixels / rows;
    int stride = blocks * ColumnMoments.LEAF;
    float[] leaves = resources.buffers().row(0, 3, channels * stride);
    resources
        .partition()
        .rows(
            blocks,
            x.dtype().bytes((long) pixels * channels),
            (worker, from, to) -> {
              ColumnMoments columns = new ColumnMoments(rounded(x), channels);
              float[] values = resources.buffers().row(worker, 0, rows / 2 * channels);
              for (int block = from; block < to; block++) {
                for (int half = 0; half < 2; half++) {
                  in.readRows(firstRow + (2 * block + half) * (rows / 2), rows / 2, values);
                  columns.add(values, half);
                }
                columns.store(leaves, block * ColumnMoments.LEAF, stride);
              }
            });
    resources
        .partition()
        .rows(
            channels / affine.width,
            (long) channels * stride * Float.BYTES,
            (_, from, to) -> {
              RowMoments moments = new RowMoments(rounded(x));
              int each = affine.width * blocks;
              for (int group = from; group < to; group++) {
                for (int i = group * each; i < (group + 1) * each; i++) {
                  moments.addLeaf(leaves, i * ColumnMoments.LEAF);
                }
                moments.finish(leaves, 0, 0);
                affine.set(group, moments);
              }
            });
  }

  /** Makes the norms of groups [from, to): a pass for each of their channels, side by side. */
  private void moments(
      Tensor x, int firstRow, int pixels, Affine affine, int worker, int from, int to) {
    FloatRows in = FloatRows.of(x);
    RowMoments[] groups = new RowMoments[to - from];
    Arrays.setAll(groups, _ -> new RowMoments(rounded(x)));
    int chunk = groups[0].chunk();
    float[] values = resources.buffers().row(worker, 0, groups.length * chunk);
    int filled = 0;
    for (int channel = 0; channel < affine.width; channel++) {
      for (int pixel = 0; pixel < pixels; ) {
        int count = Math.min(chunk - filled, pixels - pixel);
        for (int g = 0; g < groups.length; g++) {
          int column = (from + g) * affine.width + channel;
          in.readColumn(firstRow + pixel, count, column, values, g * chunk + filled);
        }
        pixel += count;
        filled += count;
        if (filled == chunk) {
          for (int g = 0; g < groups.length; g++) {
            groups[g].add(values, g * chunk);
          }
          filled = 0;
        }
      }
    }
    for (int g = 0; g < groups.length; g++) {
      groups[g].finish(values, g * chunk, filled);
      affine.set(from + g, groups[g]);
    }
  }

  private void apply(
      Tensor x, int firstRow, int pixels, Affine affine, Epilogue activation, Tensor out) {
    FloatRows in = FloatRows.of(x);
    FloatRows result = FloatRows.of(out);
    int channels = x.columns();
    boolean silu = activation instanceof Epilogue.Silu;
    boolean rounded = out.dtype() == DType.BF16;
    resources
        .partition()
        .rows(
            pixels,
            2 * x.dtype().bytes((long) pixels * channels),
            (worker, from, to) -> {
              float[] values = resources.buffers().row(worker, 0, channels);
              for (int row = firstRow + from; row < firstRow + to; row++) {
                in.read(row, values);
                if (silu && rounded) {
                  Elementwise.roundedAffineSilu(values, affine.factor, affine.summand, channels);
                } else {
                  Elementwise.affine(values, affine.factor, affine.summand, channels);
                  if (silu) {
                    Elementwise.silu(values, channels);
                  }
                }
                result.write(row, values);
              }
            });
  }
}

package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.cpu.vector.Elementwise;
import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.backend.cpu.vector.Norms;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * Group norm with the channels innermost: one pass sums every channel, a second applies the norm as
 * one multiplication and one addition a channel, together with the activation.
 */
final class GroupNormOp {
  /** Pixels whose sums are kept in float32 before they go to float64. */
  private static final int PIXELS = 256;

  private final CpuResources resources;

  GroupNormOp(CpuResources resources) {
    this.resources = resources;
  }

  void run(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    int pictures = x.shape().size(0);
    int pixels = x.rows() / Math.max(pictures, 1);
    for (int picture = 0; picture < pictures; picture++) {
      Moments moments = moments(x, picture * pixels, pixels);
      apply(x, picture * pixels, pixels, moments.affine(norm), activation, out);
    }
  }

  /** Sums over the pixels of a picture, by channel, of x − origin and of its square. */
  private static final class Moments {
    private final float[] origin;
    private final double[] sums;
    private final double[] squares;
    private final int pixels;

    Moments(float[] origin, int pixels) {
      this.origin = origin;
      this.pixels = pixels;
      sums = new double[origin.length];
      squares = new double[origin.length];
    }

    void add(float[] moreSums, float[] moreSquares) {
      for (int c = 0; c < sums.length; c++) {
        sums[c] += moreSums[c];
        squares[c] += moreSquares[c];
      }
    }

    /** The norm of every channel as a factor and a summand. */
    Affine affine(GroupNorm norm) {
      int channels = sums.length;
      int width = channels / norm.groups();
      float[] weight = CpuWeight.own(norm.weight(), CpuWeight.Vector.class).values;
      float[] bias = CpuWeight.own(norm.bias(), CpuWeight.Vector.class).values;
      float[] factor = new float[channels];
      float[] summand = new float[channels];
      for (int first = 0; first < channels; first += width) {
        double mean = 0;
        for (int c = first; c < first + width; c++) {
          mean += origin[c] + sums[c] / pixels;
        }
        mean /= width;
        double variance = 0;
        for (int c = first; c < first + width; c++) {
          double offset = origin[c] - mean;
          variance += squares[c] / pixels + offset * (2 * sums[c] / pixels + offset);
        }
        double scale = 1 / Math.sqrt(Math.max(variance / width, 0) + norm.eps());
        for (int c = first; c < first + width; c++) {
          factor[c] = (float) (scale * weight[c]);
          summand[c] = (float) (bias[c] - mean * scale * weight[c]);
        }
      }
      return new Affine(factor, summand);
    }
  }

  /** A factor and a summand for every channel. */
  private static final class Affine {
    private final float[] factor;
    private final float[] summand;

    Affine(float[] factor, float[] summand) {
      this.factor = factor;
      this.summand = summand;
    }
  }

  private Moments moments(Tensor x, int firstRow, int pixels) {
    FloatRows in = FloatRows.of(x);
    int channels = x.columns();
    float[] origin = new float[channels];
    if (pixels > 0) {
      in.read(firstRow, origin);
    }
    Moments moments = new Moments(origin, pixels);
    int pieces = Math.ceilDiv(pixels, PIXELS);
    resources
        .partition()
        .rows(
            pieces,
            x.dtype().bytes((long) pixels * channels),
            (worker, from, to) -> {
              Moments own = new Moments(origin, pixels);
              float[] values = resources.buffers().row(worker, 0, channels);
              float[] sums = resources.buffers().row(worker, 1, channels);
              float[] squares = resources.buffers().row(worker, 2, channels);
              for (int piece = from; piece < to; piece++) {
                Arrays.fill(sums, 0);
                Arrays.fill(squares, 0);
                int end = Math.min((piece + 1) * PIXELS, pixels);
                for (int pixel = piece * PIXELS; pixel < end; pixel++) {
                  in.read(firstRow + pixel, values);
                  Norms.accumulate(values, origin, sums, squares, channels);
                }
                own.add(sums, squares);
              }
              synchronized (moments) {
                merge(own, moments);
              }
            });
    return moments;
  }

  private static void merge(Moments part, Moments whole) {
    for (int c = 0; c < whole.sums.length; c++) {
      whole.sums[c] += part.sums[c];
      whole.squares[c] += part.squares[c];
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

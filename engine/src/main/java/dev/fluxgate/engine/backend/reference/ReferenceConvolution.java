package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.stream.IntStream;

/** Cross-correlation of pictures with square filters, and the upsampling that goes with it. */
final class ReferenceConvolution {
  private final Tensor x;
  private final ReferenceWeights.Filter filter;
  private final ConvolutionGeometry geometry;
  private final TensorRows pixels;

  private ReferenceConvolution(
      Tensor x, ReferenceWeights.Filter filter, ConvolutionGeometry geometry) {
    this.x = x;
    this.filter = filter;
    this.geometry = geometry;
    this.pixels = new TensorRows(x);
  }

  /** out = R(epilogue(x ⋆ w + b)), one pixel of out at a time. */
  static void convolve(
      Tensor x,
      ReferenceWeights.Filter filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    ReferenceConvolution convolution = new ReferenceConvolution(x, filter, geometry);
    TensorRows result = new TensorRows(out);
    ReferenceEpilogue after = new ReferenceEpilogue(epilogue, out.dtype());
    int height = out.shape().size(1);
    int width = out.shape().size(2);
    IntStream.range(0, result.rows())
        .parallel()
        .forEach(row -> {
          int picture = row / (height * width);
          double[] sums = convolution.pixel(picture, row / width % height, row % width);
          after.apply(row, sums);
          result.write(row, sums);
        });
  }

  /** Every pixel of x becomes 2 × 2 of out. */
  static void upsampleNearest(Tensor x, Tensor out) {
    TensorRows in = new TensorRows(x);
    TensorRows result = new TensorRows(out);
    int height = out.shape().size(1);
    int width = out.shape().size(2);
    for (int row = 0; row < result.rows(); row++) {
      int picture = row / (height * width);
      int y = row / width % height;
      int column = row % width;
      int source = (picture * (height / 2) + y / 2) * (width / 2) + column / 2;
      result.write(row, ReferenceElementwise.widen(in.read(source)));
    }
  }

  /** The sums of all output channels at (y, column) of picture number {@code picture}. */
  private double[] pixel(int picture, int y, int column) {
    double[] sums = ReferenceElementwise.widen(filter.bias);
    int height = x.shape().size(1);
    int width = x.shape().size(2);
    int kernel = filter.kernelSize();
    for (int tap = 0; tap < kernel * kernel; tap++) {
      int fromY = y * geometry.stride() - geometry.padBefore() + tap / kernel;
      int fromX = column * geometry.stride() - geometry.padBefore() + tap % kernel;
      if (fromY >= 0 && fromY < height && fromX >= 0 && fromX < width) {
        float[] channels = pixels.read((picture * height + fromY) * width + fromX);
        for (int o = 0; o < sums.length; o++) {
          int weights = (o * kernel * kernel + tap) * channels.length;
          sums[o] += ReferenceLinear.dot(channels, filter.values, weights);
        }
      }
    }
    return sums;
  }
}

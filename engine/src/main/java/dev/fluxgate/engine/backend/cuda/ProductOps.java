package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** Products of rows with matrices, and of what filters cover with filters. */
final class ProductOps {
  private static final ProductTile.Family LINEAR =
      new ProductTile.Family(
          CudaKernel.LINEAR_BF16_128,
          CudaKernel.LINEAR_BF16_64,
          CudaKernel.LINEAR_BF16_ANY,
          CudaKernel.LINEAR_F32);
  private static final ProductTile.Family CONVOLVE =
      new ProductTile.Family(
          CudaKernel.CONVOLVE_BF16_128,
          CudaKernel.CONVOLVE_BF16_64,
          CudaKernel.CONVOLVE_BF16_ANY,
          CudaKernel.CONVOLVE_F32);

  private final CudaDevice device;

  ProductOps(CudaDevice device) {
    this.device = device;
  }

  void linear(Tensor x, CudaWeight.Linear weight, Epilogue epilogue, Tensor out) {
    requireType("linear", x, weight.type());
    if (out.rows() == 0) {
      return;
    }
    DeviceMatrix in = DeviceMatrix.of(x);
    ProductTile tile = ProductTile.of(LINEAR, weight.type(), in, out.rows(), out.columns());
    device.launch(
        KernelCall.of(
            tile.kernel(),
            tile.grid(out.rows(), out.columns()),
            CudaCalls.linear(
                in,
                weight.matrix(),
                weight.bias(),
                EpilogueSteps.of(epilogue),
                DeviceMatrix.of(out)),
            out.shape().count(),
            x.shape(),
            Shape.of(weight.outFeatures(), weight.inFeatures()),
            out.shape()));
  }

  void convolve(
      Tensor x,
      CudaWeight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    requireType("convolve", x, filter.type());
    if (out.rows() == 0) {
      return;
    }
    DeviceMatrix in = DeviceMatrix.of(x);
    ProductTile tile = ProductTile.of(CONVOLVE, filter.type(), in, out.rows(), out.columns());
    CudaCalls.Picture picture =
        new CudaCalls.Picture(
            x.shape().size(1),
            x.shape().size(2),
            out.shape().size(1),
            out.shape().size(2),
            filter.kernelSize(),
            geometry.stride(),
            geometry.padBefore());
    device.launch(
        KernelCall.of(
            tile.kernel(),
            tile.grid(out.rows(), out.columns()),
            CudaCalls.convolution(
                in,
                filter.filter(),
                filter.bias(),
                EpilogueSteps.of(epilogue),
                DeviceMatrix.of(out),
                picture,
                filter.layout().paddedChannels()),
            out.shape().count(),
            x.shape(),
            Shape.of(filter.outChannels(), filter.inChannels()),
            out.shape()));
  }

  private static void requireType(String op, Tensor x, DType type) {
    if (x.dtype() != type) {
      throw new IllegalArgumentException(
          "%s: x of %s (expected: %s as the weight)".formatted(op, x.dtype(), type));
    }
  }
}

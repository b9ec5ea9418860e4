package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.cuda.driver.Grid;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Everything that takes its rows one by one. */
final class RowOps {
  /** Columns that a block of an elementwise kernel takes. */
  private static final int ELEMENTWISE_COLUMNS = 1024;

  /** Pixels of out that a block of upsampling takes. */
  private static final int UPSAMPLED_PIXELS = 8;

  private final CudaDevice device;

  RowOps(CudaDevice device) {
    this.device = device;
  }

  void elementwise(CudaKernel kernel, Tensor a, @Nullable Tensor b, float factor, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    DeviceMatrix second = b == null ? DeviceMatrix.NONE : DeviceMatrix.of(b);
    device.launch(
        KernelCall.of(
            kernel,
            elementwiseGrid(out),
            CudaCalls.elementwise(DeviceMatrix.of(a), second, DeviceMatrix.of(out), factor),
            out.shape().count(),
            a.shape(),
            out.shape()));
  }

  void rotate(Tensor x, int heads, @Nullable HeadNorm norm, RotaryTable table, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    CudaCalls.Rotation rotation =
        new CudaCalls.Rotation(
            norm == null ? 0 : CudaWeight.address(norm.weight()),
            norm == null ? 0 : norm.eps(),
            heads,
            norm == null ? 0 : order(norm.order()),
            pairing(table.pairing()));
    device.launch(
        KernelCall.of(
            CudaKernel.ROTATE,
            new Grid(out.rows(), heads, 1),
            CudaCalls.rotation(
                DeviceMatrix.of(x),
                DeviceMatrix.of(out),
                DeviceMatrix.of(table.cos()),
                DeviceMatrix.of(table.sin()),
                rotation),
            out.shape().count(),
            x.shape(),
            table.cos().shape()));
  }

  void rmsNorm(Tensor x, CudaWeight.Vector weight, float eps, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    device.launch(
        KernelCall.of(
            CudaKernel.RMS_NORM,
            Grid.of(out.rows()),
            CudaCalls.rmsNorm(DeviceMatrix.of(x), DeviceMatrix.of(out), weight.address(), eps),
            out.shape().count(),
            x.shape()));
  }

  void layerNorm(Tensor x, long weight, long bias, float eps, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    device.launch(
        KernelCall.of(
            CudaKernel.LAYER_NORM,
            Grid.of(out.rows()),
            CudaCalls.layerNorm(DeviceMatrix.of(x), DeviceMatrix.of(out), weight, bias, eps),
            out.shape().count(),
            x.shape()));
  }

  void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    device.launch(
        KernelCall.of(
            CudaKernel.BLEND,
            elementwiseGrid(out),
            CudaCalls.blend(
                DeviceMatrix.of(kept),
                DeviceMatrix.of(repainted),
                DeviceMatrix.of(mask),
                DeviceMatrix.of(out)),
            out.shape().count(),
            kept.shape(),
            mask.shape()));
  }

  private static Grid elementwiseGrid(Tensor out) {
    return Grid.spilling(Math.ceilDiv(out.columns(), ELEMENTWISE_COLUMNS), out.rows());
  }

  void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    device.launch(
        KernelCall.of(
            CudaKernel.MODULATED_LAYER_NORM,
            Grid.of(out.rows()),
            CudaCalls.modulation(
                DeviceMatrix.of(x),
                DeviceMatrix.of(shift),
                DeviceMatrix.of(scale),
                DeviceMatrix.of(out),
                eps),
            out.shape().count(),
            x.shape()));
  }

  /** {@code ids} on the device and the same on the host, which are checked. */
  void embed(Tensor ids, HostTensor known, CudaWeight.Embedding table, Tensor out) {
    for (int i = 0; i < known.shape().count(); i++) {
      OpShapes.id(i, Math.toIntExact(known.getLong(i)), table);
    }
    if (isEmpty(out)) {
      return;
    }
    device.launch(
        KernelCall.of(
            CudaKernel.EMBED,
            Grid.of(out.rows()),
            CudaCalls.embedding(DeviceMatrix.of(ids), table.table(), DeviceMatrix.of(out)),
            out.shape().count(),
            ids.shape(),
            Shape.of(table.vocabulary(), table.width())));
  }

  void upsampleNearest(Tensor x, Tensor out) {
    if (isEmpty(out)) {
      return;
    }
    device.launch(
        KernelCall.of(
            CudaKernel.UPSAMPLE_NEAREST,
            Grid.of(Math.ceilDiv(out.rows(), UPSAMPLED_PIXELS)),
            CudaCalls.upsample(
                DeviceMatrix.of(x),
                DeviceMatrix.of(out),
                x.shape().size(0),
                x.shape().size(1),
                x.shape().size(2)),
            out.shape().count(),
            x.shape()));
  }

  private static boolean isEmpty(Tensor out) {
    return out.shape().count() == 0;
  }

  private static int order(HeadNorm.Order order) {
    return switch (order) {
      case WEIGH_THEN_ROUND -> 0;
      case ROUND_THEN_WEIGH -> 1;
    };
  }

  private static int pairing(RotaryTable.Pairing pairing) {
    return switch (pairing) {
      case ADJACENT -> 0;
      case HALVES -> 1;
    };
  }
}

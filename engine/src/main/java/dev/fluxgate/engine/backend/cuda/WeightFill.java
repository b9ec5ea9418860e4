package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.cuda.driver.Grid;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * Made-up weights, for measurements: of stored arrays only the shape counts. Matrices have a
 * standard deviation of (inputs)^−½, which keeps activations tame; vectors are ones.
 */
final class WeightFill implements WeightContents {
  /** Columns of a block of the kernel. */
  private static final int COLUMNS = 1024;

  private final CudaDevice device;
  private final DType type;
  private long seed;

  /** Weights of {@code type}; equal seeds give equal weights in the order of the calls. */
  WeightFill(CudaDevice device, DType type, long seed) {
    this.device = device;
    this.type = type;
    this.seed = seed;
  }

  @Override
  public void rows(DeviceBlock block, WeightLayout layout, HostTensor stored) {
    float scale = (float) (1 / Math.sqrt(layout.storedColumns()));
    DeviceMatrix out = DeviceMatrix.at(block.address(), layout.rows(), layout.columns(), type);
    fill(out, scale, 0);
  }

  @Override
  public void values(DeviceBlock block, HostTensor stored) {
    int count = Math.toIntExact(stored.shape().count());
    fill(DeviceMatrix.at(block.address(), 1, count, DType.F32), 0, 1);
  }

  private void fill(DeviceMatrix out, float scale, float offset) {
    device.launch(
        KernelCall.of(
            CudaKernel.FILL_RANDOM,
            Grid.spilling(Math.ceilDiv(out.columns(), COLUMNS), out.rows()),
            CudaCalls.fill(out, seed++, scale, offset),
            (long) out.rows() * out.columns(),
            Shape.of(out.rows(), out.columns())));
  }
}

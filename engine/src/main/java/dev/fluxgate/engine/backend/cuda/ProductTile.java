package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.cuda.driver.Grid;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.tensor.DType;

/**
 * The kernel for one product, and its tile.
 *
 * @param kernel which
 * @param size rows and columns of out that one block makes
 */
record ProductTile(CudaKernel kernel, int size) {
  private static final int SMALL = 64;
  private static final int LARGE = 128;

  /**
   * One family of kernels.
   *
   * @param large tiles of 128, x aligned
   * @param small tiles of 64, x aligned
   * @param any tiles of 64, x as it is
   * @param f32 tiles of 64, float32
   */
  record Family(CudaKernel large, CudaKernel small, CudaKernel any, CudaKernel f32) {}

  /** The member of {@code family} that makes {@code rows} by {@code columns} from {@code x}. */
  static ProductTile of(Family family, DType type, DeviceMatrix x, int rows, int columns) {
    if (type == DType.F32) {
      return new ProductTile(family.f32, SMALL);
    }
    if (!x.isAligned()) {
      return new ProductTile(family.any, SMALL);
    }
    boolean manyRows = Math.ceilDiv(rows, SMALL) > Grid.MOST;
    return (rows >= LARGE && columns >= LARGE) || manyRows
        ? new ProductTile(family.large, LARGE)
        : new ProductTile(family.small, SMALL);
  }

  /** The blocks that make {@code rows} by {@code columns}. */
  Grid grid(int rows, int columns) {
    return new Grid(Math.ceilDiv(columns, size), Math.ceilDiv(rows, size), 1);
  }
}

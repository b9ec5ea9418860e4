package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.cuda.driver.Grid;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What an op asks of the device.
 *
 * @param kernel which
 * @param grid its blocks
 * @param sharedBytes dynamic shared memory of a block, at most that of the kernel
 * @param argument of the structure that the kernel takes
 * @param results elements of the output
 * @param operands shapes, for messages
 */
record KernelCall(
    CudaKernel kernel,
    Grid grid,
    int sharedBytes,
    MemorySegment argument,
    long results,
    List<Shape> operands) {

  /** With all the shared memory that the kernel may have. */
  static KernelCall of(
      CudaKernel kernel, Grid grid, MemorySegment argument, long results, Shape... operands) {
    return new KernelCall(kernel, grid, kernel.sharedBytes(), argument, results, List.of(operands));
  }

  /** The same by {@code twin}, one thread a result. */
  KernelCall on(CudaKernel twin) {
    Grid threads = Grid.of(Math.ceilDiv(results, (long) CudaKernel.TWIN_THREADS));
    return new KernelCall(twin, threads, 0, argument, results, operands);
  }
}

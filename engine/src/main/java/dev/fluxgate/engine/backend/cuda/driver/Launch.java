package dev.fluxgate.engine.backend.cuda.driver;

import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One start of a kernel.
 *
 * @param function the kernel
 * @param grid its blocks
 * @param sharedBytes dynamic shared memory of a block, at most that of the function
 * @param argument the bytes of its one parameter; owned by the launch
 * @param operands shapes of the tensors it works on, for messages
 */
public record Launch(
    CudaFunction function,
    Grid grid,
    int sharedBytes,
    MemorySegment argument,
    List<Shape> operands) {

  /** What a person needs to find the call: kernel, geometry, shapes. */
  @Override
  public String toString() {
    return "%s, grid %s, block %d, %d bytes shared, operands %s"
        .formatted(function.name(), grid, function.threads(), sharedBytes, operands);
  }
}

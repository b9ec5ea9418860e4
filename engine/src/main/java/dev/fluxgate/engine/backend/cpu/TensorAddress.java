package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Where native code finds a tensor. */
final class TensorAddress {
  private TensorAddress() {}

  /** Address of the first element. */
  static long of(Tensor tensor) {
    MemorySegment segment = FloatRows.segment(tensor);
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "tensor: " + tensor.shape() + " on the heap (expected: memory of a workspace)");
    }
    return segment.address() + tensor.dtype().bytes(tensor.offset());
  }

  /** Address of an element; indices in elements. */
  static long of(Tensor tensor, long row, long column) {
    return of(tensor) + tensor.dtype().bytes(row * tensor.rowStride() + column);
  }

  /** Whether both are the very same view. */
  static boolean same(Tensor a, Tensor b) {
    return a.dtype() == b.dtype() && a.rowStride() == b.rowStride() && of(a) == of(b);
  }
}

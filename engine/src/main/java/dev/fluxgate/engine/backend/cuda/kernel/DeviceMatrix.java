package dev.fluxgate.engine.backend.cuda.kernel;

import dev.fluxgate.engine.backend.cuda.memory.DeviceRows;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Rows of device memory as kernels see them, {@code Matrix} of calls.cuh.
 *
 * @param address of element (0, 0)
 * @param stride elements from one row to the next
 * @param rows how many
 * @param columns elements of a row
 * @param type 0 float32, 1 bfloat16, 2 a 32-bit integer
 */
public record DeviceMatrix(long address, long stride, int rows, int columns, int type) {
  /** No matrix. */
  public static final DeviceMatrix NONE = new DeviceMatrix(0, 0, 0, 0, 0);

  static final int BYTES = 32;

  /** Bytes that move as one between the memories of a device. */
  private static final int QUAD_BYTES = 16;

  /** The rows of {@code tensor}. */
  public static DeviceMatrix of(Tensor tensor) {
    return new DeviceMatrix(
        DeviceRows.address(tensor),
        tensor.rowStride(),
        tensor.rows(),
        tensor.columns(),
        code(tensor.dtype()));
  }

  /** Contiguous rows at {@code address}. */
  public static DeviceMatrix at(long address, int rows, int columns, DType type) {
    return new DeviceMatrix(address, columns, rows, columns, code(type));
  }

  /** Whether every row starts where sixteen bytes can be moved as one. */
  public boolean isAligned() {
    int elementBytes = type == 1 ? Short.BYTES : Float.BYTES;
    return address % QUAD_BYTES == 0 && stride * elementBytes % QUAD_BYTES == 0;
  }

  /** Rows {@code [from, from + count)}. */
  public DeviceMatrix rows(int from, int count) {
    int elementBytes = type == 1 ? Short.BYTES : Float.BYTES;
    return new DeviceMatrix(address + from * stride * elementBytes, stride, count, columns, type);
  }

  private static int code(DType type) {
    return switch (type) {
      case F32 -> 0;
      case BF16 -> 1;
      case I32 -> 2;
      default ->
          throw new IllegalArgumentException("dtype: " + type + " (expected: F32, BF16 or I32)");
    };
  }
}

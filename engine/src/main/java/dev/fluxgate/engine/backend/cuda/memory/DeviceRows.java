package dev.fluxgate.engine.backend.cuda.memory;

import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Rows of device memory.
 *
 * @param address of the first byte of the first row
 * @param rows how many
 * @param rowBytes bytes of a row
 * @param strideBytes bytes from one row to the next
 */
public record DeviceRows(long address, long rows, long rowBytes, long strideBytes) {

  /** The elements of {@code tensor}. */
  public static DeviceRows of(Tensor tensor) {
    return new DeviceRows(
        address(tensor),
        tensor.rows(),
        tensor.dtype().bytes(tensor.columns()),
        tensor.dtype().bytes(tensor.rowStride()));
  }

  /** The bytes of {@code block}. */
  public static DeviceRows of(DeviceBlock block) {
    return new DeviceRows(block.address(), 1, block.byteSize(), block.byteSize());
  }

  /** Address of the first element of {@code tensor}. */
  public static long address(Tensor tensor) {
    return switch (tensor.storage()) {
      case Storage.Device(long address, long _) -> address + tensor.dtype().bytes(tensor.offset());
      case Storage.Host _, Storage.Planned _ ->
          throw new IllegalArgumentException(
              "tensor: %s in %s (expected: memory of a device)"
                  .formatted(tensor.shape(), tensor.storage()));
    };
  }

  /** Address of row {@code row}. */
  public long address(long row) {
    return address + row * strideBytes;
  }

  /** Whether the rows follow each other without gaps. */
  public boolean isContiguous() {
    return rows <= 1 || rowBytes == strideBytes;
  }

  /** Bytes of all rows, without gaps. */
  public long byteSize() {
    return rows * rowBytes;
  }
}

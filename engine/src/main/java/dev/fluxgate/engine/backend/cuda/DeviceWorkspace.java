package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspaceCursor;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Activation memory of a device: one block of its pool. */
final class DeviceWorkspace implements Workspace {
  private final CudaDevice device;
  private final DeviceBlock block;
  private final WorkspaceCursor cursor;
  private boolean closed;

  DeviceWorkspace(CudaDevice device, long bytes) {
    this.device = device;
    block = device.acquire(Math.max(bytes, ALIGNMENT));
    cursor = new WorkspaceCursor(block.byteSize());
  }

  @Override
  public Tensor tensor(DType dtype, Shape shape) {
    long bytes = dtype.bytes(shape.count());
    return Tensor.of(
        dtype, shape, new Storage.Device(block.address() + cursor.place(bytes), bytes));
  }

  @Override
  public long mark() {
    return cursor.mark();
  }

  @Override
  public void release(long mark) {
    cursor.release(mark);
  }

  @Override
  public long peakBytes() {
    return cursor.peakBytes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.release(List.of(block));
    }
  }
}

package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.backend.failure.WorkspaceExhaustedException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Activation memory of a device: one block of its pool. */
final class DeviceWorkspace implements Workspace {
  private final CudaDevice device;
  private final DeviceBlock block;
  private long used;
  private long peak;
  private boolean closed;

  DeviceWorkspace(CudaDevice device, long bytes) {
    this.device = device;
    block = device.acquire(Math.max(bytes, ALIGNMENT));
  }

  @Override
  public Tensor tensor(DType dtype, Shape shape) {
    long bytes = dtype.bytes(shape.count());
    long end = Math.addExact(used, Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT);
    if (end > block.byteSize()) {
      throw new WorkspaceExhaustedException(end, block.byteSize());
    }
    Tensor tensor = Tensor.of(dtype, shape, new Storage.Device(block.address() + used, bytes));
    used = end;
    peak = Math.max(peak, used);
    return tensor;
  }

  @Override
  public long mark() {
    return used;
  }

  @Override
  public void release(long mark) {
    used = mark;
  }

  @Override
  public long peakBytes() {
    return peak;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.release(List.of(block));
    }
  }
}

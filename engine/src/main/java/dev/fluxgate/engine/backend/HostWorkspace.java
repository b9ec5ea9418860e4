package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.backend.failure.WorkspaceExhaustedException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Activation memory of the host: one native block, owned here, shared by all threads of a job. */
public final class HostWorkspace implements Workspace {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment block;
  private long used;
  private long peak;
  private boolean closed;

  /** Takes {@code bytes} of native memory. */
  public HostWorkspace(long bytes) {
    block = arena.allocate(Math.max(bytes, ALIGNMENT), ALIGNMENT);
  }

  @Override
  public Tensor tensor(DType dtype, Shape shape) {
    long bytes = dtype.bytes(shape.count());
    long end = Math.addExact(used, Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT);
    if (end > block.byteSize()) {
      throw new WorkspaceExhaustedException(end, block.byteSize());
    }
    Tensor tensor = Tensor.of(dtype, shape, new Storage.Host(block.asSlice(used, bytes)));
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
      arena.close();
    }
  }
}

package dev.fluxgate.engine.backend;

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
  private final WorkspaceCursor cursor;
  private boolean closed;

  /** Takes {@code bytes} of native memory. */
  public HostWorkspace(long bytes) {
    block = arena.allocate(Math.max(bytes, ALIGNMENT), ALIGNMENT);
    cursor = new WorkspaceCursor(block.byteSize());
  }

  @Override
  public Tensor tensor(DType dtype, Shape shape) {
    long bytes = dtype.bytes(shape.count());
    return Tensor.of(dtype, shape, new Storage.Host(block.asSlice(cursor.place(bytes), bytes)));
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
      arena.close();
    }
  }
}

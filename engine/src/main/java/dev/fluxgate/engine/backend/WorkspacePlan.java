package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.function.Consumer;

/** A workspace without memory: it counts what laying out would take. */
public final class WorkspacePlan implements Workspace {
  private final WorkspaceCursor cursor = new WorkspaceCursor(Long.MAX_VALUE);

  /** Bytes that {@code layout} takes at its peak. */
  public static long bytes(Consumer<Workspace> layout) {
    WorkspacePlan plan = new WorkspacePlan();
    layout.accept(plan);
    return plan.peakBytes();
  }

  @Override
  public Tensor tensor(DType dtype, Shape shape) {
    long bytes = dtype.bytes(shape.count());
    long _ = cursor.place(bytes);
    return Tensor.of(dtype, shape, new Storage.Planned(bytes));
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
    cursor.release(0);
  }
}

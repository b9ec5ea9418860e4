package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.function.Consumer;

/** A workspace without memory: it counts what laying out would take. */
public final class WorkspacePlan implements Workspace {
  private long used;
  private long peak;

  /** Bytes that {@code layout} takes at its peak. */
  public static long bytes(Consumer<Workspace> layout) {
    WorkspacePlan plan = new WorkspacePlan();
    layout.accept(plan);
    return plan.peakBytes();
  }

  @Override
  public Tensor tensor(DType dtype, Shape shape) {
    long bytes = dtype.bytes(shape.count());
    used = Math.addExact(used, Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT);
    peak = Math.max(peak, used);
    return Tensor.of(dtype, shape, new Storage.Planned(bytes));
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
    used = 0;
  }
}

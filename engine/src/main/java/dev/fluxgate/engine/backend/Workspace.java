package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.backend.failure.WorkspaceExhaustedException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * The activation memory of one job: tensors are laid out one behind the other, and a mark taken
 * before some of them hands their place to others once they are done with.
 *
 * <p>The same code lays out tensors twice: once in a {@link WorkspacePlan}, which only counts and
 * so tells the bytes before the job is admitted, once in memory. Nothing is laid out in a step
 * loop.
 */
public interface Workspace extends AutoCloseable {

  /** Alignment of every tensor, in bytes: a cache line, and the widest vector of a CPU. */
  long ALIGNMENT = 64;

  /**
   * The next tensor; its contents are undefined.
   *
   * @throws WorkspaceExhaustedException if the planned bytes do not suffice
   */
  Tensor tensor(DType dtype, Shape shape);

  /** The place where the next tensor goes. */
  long mark();

  /** Hands the place of every tensor since {@code mark} to the tensors to come. */
  void release(long mark);

  /** The most bytes that were in use at any time. */
  long peakBytes();

  /** Frees the memory. Closing twice is harmless. */
  @Override
  void close();
}

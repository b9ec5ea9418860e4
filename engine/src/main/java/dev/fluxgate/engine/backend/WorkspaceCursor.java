package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.backend.failure.WorkspaceExhaustedException;

/**
 * Where the next tensor of a workspace goes. A plan and the memory it plans count with this same
 * piece, so that they cannot drift apart.
 */
public final class WorkspaceCursor {
  private final long capacity;
  private long used;
  private long peak;

  /** Starts at the front of {@code capacity} bytes. */
  public WorkspaceCursor(long capacity) {
    this.capacity = capacity;
  }

  /**
   * The offset of the next {@code bytes}.
   *
   * @throws WorkspaceExhaustedException if they end behind the capacity
   */
  public long place(long bytes) {
    long start = used;
    long end = Math.addExact(start, Math.ceilDiv(bytes, Workspace.ALIGNMENT) * Workspace.ALIGNMENT);
    if (end > capacity) {
      throw new WorkspaceExhaustedException(end, capacity);
    }
    used = end;
    peak = Math.max(peak, end);
    return start;
  }

  /** The place where the next tensor goes. */
  public long mark() {
    return used;
  }

  /** Hands the place of every tensor since {@code mark} to the tensors to come. */
  public void release(long mark) {
    used = mark;
  }

  /** The most bytes that were in use at any time. */
  public long peakBytes() {
    return peak;
  }
}

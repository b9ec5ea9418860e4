package dev.fluxgate.engine.backend.cpu.vector;

/** Float arrays in which workers hold their rows, kept from op to op. */
public final class RowBuffers {
  private static final int SUMS_SLOT = 4;
  private static final int SLOTS = 5;

  private final float[][] buffers;

  /** Buffers for {@code workers} threads; none is shared between two of them. */
  public RowBuffers(int workers) {
    buffers = new float[workers * SLOTS][0];
  }

  /**
   * Array {@code slot} of a worker, of {@code size} elements at least; its values are undefined.
   */
  public float[] row(int worker, int slot, int size) {
    int index = worker * SLOTS + slot;
    if (buffers[index].length < size) {
      buffers[index] = new float[size];
    }
    return buffers[index];
  }

  /** Array in which a worker may sum up a row; its values are undefined. */
  public float[] sums(int worker) {
    return row(worker, SUMS_SLOT, SquareSum.SUMS);
  }
}

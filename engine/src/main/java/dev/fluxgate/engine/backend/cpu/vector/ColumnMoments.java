package dev.fluxgate.engine.backend.cpu.vector;

import jdk.incubator.vector.FloatVector;

/**
 * Moments of the columns of a matrix, a block of rows at a time and all columns side by side. What
 * comes of a block is what {@link RowMoments} has of as many elements of a row, to the last bit, so
 * that columns can be taken one after the other as if they were one row.
 *
 * <p>Belongs to one thread.
 */
public final class ColumnMoments {
  /** Floats of a block of one column: the means of the lanes, then their summed squares. */
  public static final int LEAF = 2 * RowMoments.LANES;

  private final int width;
  private final int columns;
  private final float[] sums;

  /**
   * Moments of columns of a type.
   *
   * @param rounded whether the elements are those of bfloat16
   * @param columns of which {@link #fits} is true
   */
  public ColumnMoments(boolean rounded, int columns) {
    width = RowMoments.width(rounded);
    this.columns = columns;
    sums = new float[LEAF * columns];
  }

  /** Whether whole vectors make a row of {@code columns}. */
  public static boolean fits(int columns) {
    return columns % Lanes.COUNT == 0;
  }

  /** Rows of a block. */
  public static int rows(boolean rounded) {
    return 2 * RowMoments.STEPS * RowMoments.width(rounded);
  }

  /**
   * Takes half of the rows of a block.
   *
   * @param rows half of a block, row after row
   * @param half 0, then 1
   */
  public void add(float[] rows, int half) {
    int taken = half * RowMoments.STEPS * (width / RowMoments.LANES);
    for (int place = 0; place < width; place++) {
      int lane = place % RowMoments.LANES;
      int count = taken + place / RowMoments.LANES * RowMoments.STEPS;
      for (int column = 0; column < columns; column += Lanes.COUNT) {
        add(rows, place * columns + column, lane * columns + column, count);
      }
    }
  }

  /** Adds one place of a vector of columns to its lane, of which {@code count} are there. */
  private void add(float[] rows, int from, int to, int count) {
    FloatVector means = FloatVector.zero(Lanes.FLOATS);
    FloatVector squares = means;
    for (int i = 0; i < RowMoments.STEPS; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, rows, from + i * width * columns);
      FloatVector apart = v.sub(means);
      means = apart.fma(FloatVector.broadcast(Lanes.FLOATS, 1f / (i + 1)), means);
      squares = apart.fma(v.sub(means), squares);
    }
    int squaresTo = to + RowMoments.LANES * columns;
    if (count > 0) {
      FloatVector before = FloatVector.fromArray(Lanes.FLOATS, sums, to);
      FloatVector apart = means.sub(before);
      FloatVector change = apart.mul((float) RowMoments.STEPS / (count + RowMoments.STEPS));
      squares = squares.add(FloatVector.fromArray(Lanes.FLOATS, sums, squaresTo));
      squares = apart.mul(count).fma(change, squares);
      means = before.add(change);
    }
    means.intoArray(sums, to);
    squares.intoArray(sums, squaresTo);
  }

  /**
   * Writes what came of the block.
   *
   * @param leaves {@link #LEAF} floats of each column
   * @param at where those of the first column go
   * @param stride from column to column
   */
  public void store(float[] leaves, int at, int stride) {
    for (int column = 0; column < columns; column++) {
      for (int i = 0; i < LEAF; i++) {
        leaves[at + column * stride + i] = sums[i * columns + column];
      }
    }
  }
}

package dev.fluxgate.engine.backend.cpu.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Σ x² in float32, added in the order of the reference (torch's sum over the last dimension), so
 * that it is the same to the last bit. A row is cut into lines of 32, whose columns are summed
 * apart: sixteen lines at a time, sixteen of these sums at a time, and so on. Then the columns of
 * one remainder modulo 8 are added, what is left of the row, and these eight.
 */
final class SquareSum {
  private static final int LINE = 32;
  private static final int EIGHT = 8;
  private static final int STEP = 16;

  /**
   * Floats that a sum is made in: sums of up to 16 lines, of up to 256, and of those before. In
   * memory, as vectors that live from one loop to the next are put on the heap.
   */
  static final int SUMS = 3 * LINE;

  private SquareSum() {}

  /**
   * Of x[from] to x[from + count − 1].
   *
   * @param sums {@link #SUMS} of them, with any values before and after
   */
  static float of(float[] x, int from, int count, float[] sums) {
    Arrays.fill(sums, 0, SUMS, 0);
    int lines = count / LINE;
    int line = 0;
    for (; line + STEP <= lines; line += STEP) {
      addLines(x, from + line * LINE, STEP, sums);
      move(sums, 0, LINE);
      if ((line / STEP + 1) % STEP == 0) {
        move(sums, LINE, 2 * LINE);
      }
    }
    addLines(x, from + line * LINE, lines - line, sums);
    if (line > 0) {
      move(sums, LINE, 0);
      move(sums, 2 * LINE, 0);
    }
    int next = lines * LINE;
    for (; next <= count - EIGHT; next += EIGHT) {
      for (int i = 0; i < EIGHT; i++) {
        sums[i] += square(x[from + next + i]);
      }
    }
    float sum = 0;
    for (; next < count; next++) {
      sum += square(x[from + next]);
    }
    for (int i = 0; i < EIGHT; i++) {
      sum += sums[i] + sums[EIGHT + i] + sums[2 * EIGHT + i] + sums[3 * EIGHT + i];
    }
    return sum;
  }

  private static float square(float value) {
    return value * value;
  }

  /** Column by column, the sum of some lines to the first sums, which are 0. */
  private static void addLines(float[] x, int from, int lines, float[] sums) {
    for (int column = 0; column < LINE; column += Lanes.COUNT) {
      FloatVector sum = FloatVector.zero(Lanes.FLOATS);
      for (int i = 0; i < lines; i++) {
        FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, from + column + i * LINE);
        sum = sum.add(v.mul(v));
      }
      sum.intoArray(sums, column);
    }
  }

  /** Adds the sums of one place to those of another, and leaves zeros. */
  private static void move(float[] sums, int from, int to) {
    for (int i = 0; i < LINE; i++) {
      sums[to + i] += sums[from + i];
      sums[from + i] = 0;
    }
  }
}

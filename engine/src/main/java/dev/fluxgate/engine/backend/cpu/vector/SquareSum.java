package dev.fluxgate.engine.backend.cpu.vector;

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

  private SquareSum() {}

  /** Of x[from] to x[from + count − 1]. */
  static float of(float[] x, int from, int count) {
    float[] columns = new float[LINE];
    int lines = count / LINE;
    for (int column = 0; column < LINE; column += Lanes.COUNT) {
      column(x, from + column, lines).intoArray(columns, column);
    }
    int next = lines * LINE;
    for (; next <= count - EIGHT; next += EIGHT) {
      for (int i = 0; i < EIGHT; i++) {
        columns[i] += square(x[from + next + i]);
      }
    }
    float sum = 0;
    for (; next < count; next++) {
      sum += square(x[from + next]);
    }
    for (int i = 0; i < EIGHT; i++) {
      sum += columns[i] + columns[EIGHT + i] + columns[2 * EIGHT + i] + columns[3 * EIGHT + i];
    }
    return sum;
  }

  private static float square(float value) {
    return value * value;
  }

  /** The sums of neighbouring columns over all lines. */
  private static FloatVector column(float[] x, int from, int lines) {
    FloatVector most = FloatVector.zero(Lanes.FLOATS);
    FloatVector many = FloatVector.zero(Lanes.FLOATS);
    int line = 0;
    for (; line + STEP <= lines; line += STEP) {
      many = many.add(some(x, from + line * LINE, STEP));
      if ((line / STEP + 1) % STEP == 0) {
        most = most.add(many);
        many = FloatVector.zero(Lanes.FLOATS);
      }
    }
    return some(x, from + line * LINE, lines - line).add(many).add(most);
  }

  private static FloatVector some(float[] x, int from, int lines) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    for (int i = 0; i < lines; i++) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, from + i * LINE);
      sum = sum.add(v.mul(v));
    }
    return sum;
  }
}

package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.tensor.Shape;

/**
 * How a row of a stored weight becomes a row on the device: element (channel, tap) goes to column
 * {@code tap · paddedChannels + channel}; all other columns are zeros. A matrix has one tap.
 *
 * @param rows of the weight
 * @param channels of a stored row
 * @param taps of each channel, innermost in a stored row
 * @param paddedChannels columns of a tap
 * @param columns of a row on the device
 */
record WeightLayout(int rows, int channels, int taps, int paddedChannels, int columns) {
  /** Columns that a kernel takes at a step. */
  private static final int STEP = 64;

  /** Elements that move as one, all of one tap. */
  private static final int CHUNK = 8;

  /** A matrix of (out, in). */
  static WeightLayout matrix(Shape shape) {
    int columns = shape.size(1);
    return new WeightLayout(shape.size(0), columns, 1, columns, padded(columns, STEP));
  }

  /** A filter of (out, in, k, k). */
  static WeightLayout filter(Shape shape) {
    int taps = Math.multiplyExact(shape.size(2), shape.size(3));
    int channels = padded(shape.size(1), CHUNK);
    return new WeightLayout(
        shape.size(0),
        shape.size(1),
        taps,
        channels,
        padded(Math.multiplyExact(taps, channels), STEP));
  }

  /** A table of (vocabulary, width), as it is. */
  static WeightLayout table(Shape shape) {
    int columns = shape.size(1);
    return new WeightLayout(shape.size(0), columns, 1, columns, columns);
  }

  /** Elements of a stored row. */
  int storedColumns() {
    return channels * taps;
  }

  /** Whether rows on the device are the stored ones. */
  boolean isPlain() {
    return taps == 1 && columns == channels;
  }

  private static int padded(int count, int step) {
    return Math.multiplyExact(Math.ceilDiv(count, step), step);
  }
}

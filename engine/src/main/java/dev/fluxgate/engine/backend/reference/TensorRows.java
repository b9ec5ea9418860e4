package dev.fluxgate.engine.backend.reference;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.BFloat16;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads and writes the rows of a tensor in host memory, native or heap, aligned or not, contiguous
 * or spaced. Reading is exact; writing rounds a float64 once.
 */
final class TensorRows {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private final Tensor tensor;
  private final MemorySegment segment;

  TensorRows(Tensor tensor) {
    this.tensor = tensor;
    this.segment =
        switch (tensor.storage()) {
          case Storage.Host host -> host.segment();
          case Storage.Planned _ -> throw elsewhere(tensor, "a plan without memory");
          case Storage.Device _ -> throw elsewhere(tensor, "device memory");
        };
  }

  private static IllegalArgumentException elsewhere(Tensor tensor, String place) {
    return new IllegalArgumentException(
        "tensor: %s in %s (expected: host memory)".formatted(tensor.shape(), place));
  }

  int rows() {
    return tensor.rows();
  }

  int columns() {
    return tensor.columns();
  }

  /** The bytes of row {@code row}. */
  MemorySegment bytes(int row) {
    return segment.asSlice(
        tensor.dtype().bytes(element(row, 0)), tensor.dtype().bytes(tensor.columns()));
  }

  /** A copy of row {@code row}. */
  float[] read(int row) {
    float[] values = new float[tensor.columns()];
    read(row, 0, values, 0, values.length);
    return values;
  }

  /** Copies {@code count} columns from column {@code from} of a row to {@code values[at..]}. */
  void read(int row, int from, float[] values, int at, int count) {
    long start = tensor.dtype().bytes(element(row, from));
    if (tensor.dtype() == DType.F32) {
      MemorySegment.copy(segment, FLOAT, start, values, at, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      values[at + i] = BFloat16.toFloat(segment.get(SHORT, start + 2L * i));
    }
  }

  /** Element {@code index} of a tensor of 32-bit integers, in row-major order. */
  int readInt(int index) {
    int row = index / tensor.columns();
    return segment.get(INT, Integer.BYTES * element(row, index % tensor.columns()));
  }

  /** Stores a whole row. */
  void write(int row, double[] values) {
    write(row, 0, values);
  }

  /** Stores {@code values} from column {@code from} of a row. */
  void write(int row, int from, double[] values) {
    long start = tensor.dtype().bytes(element(row, from));
    if (tensor.dtype() == DType.F32) {
      for (int i = 0; i < values.length; i++) {
        segment.set(FLOAT, start + 4L * i, (float) values[i]);
      }
      return;
    }
    for (int i = 0; i < values.length; i++) {
      segment.set(SHORT, start + 2L * i, BFloat16.fromFloat(Rounding.toOdd(values[i])));
    }
  }

  private long element(int row, int column) {
    return tensor.offset() + row * tensor.rowStride() + column;
  }
}

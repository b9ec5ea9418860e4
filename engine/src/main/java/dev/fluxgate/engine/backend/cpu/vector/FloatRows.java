package dev.fluxgate.engine.backend.cpu.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.BFloat16;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * The rows of a tensor, read and written as float32. Kernels work on a row in the first-level cache
 * and so need one form for every element type; memory is still passed over once.
 *
 * @param segment where the elements lie
 * @param dtype float32 or bfloat16
 * @param first byte of the first element
 * @param stride bytes from row to row
 * @param columns elements of a row
 */
public record FloatRows(MemorySegment segment, DType dtype, long first, long stride, int columns) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  /** The rows of {@code tensor}. */
  public static FloatRows of(Tensor tensor) {
    DType dtype = tensor.dtype();
    return new FloatRows(
        segment(tensor),
        dtype,
        dtype.bytes(tensor.offset()),
        dtype.bytes(tensor.rowStride()),
        tensor.columns());
  }

  /** The memory of a tensor of the host. */
  public static MemorySegment segment(Tensor tensor) {
    return switch (tensor.storage()) {
      case Storage.Host(MemorySegment segment) -> segment;
      case Storage.Planned _, Storage.Device _ ->
          throw new IllegalArgumentException(
              "storage: " + tensor.storage() + " (expected: memory of the host)");
    };
  }

  /** Reads row {@code row} to the start of {@code values}. */
  public void read(int row, float[] values) {
    read(row, 0, columns, values);
  }

  /** Reads {@code count} rows, one after the other, to the start of {@code values}. */
  public void readRows(int row, int count, float[] values) {
    for (int i = 0; i < count; i++) {
      long at = at(row + i, 0);
      if (dtype == DType.F32) {
        MemorySegment.copy(segment, FLOAT, at, values, i * columns, columns);
      } else {
        widen(segment, at, columns, values, i * columns);
      }
    }
  }

  /** Writes row {@code row} from the start of {@code values}. */
  public void write(int row, float[] values) {
    write(row, 0, columns, values);
  }

  /** Reads {@code count} elements of a row, from column {@code column}. */
  public void read(int row, int column, int count, float[] values) {
    long at = at(row, column);
    if (dtype == DType.F32) {
      MemorySegment.copy(segment, FLOAT, at, values, 0, count);
    } else {
      widen(segment, at, count, values, 0);
    }
  }

  /** Writes {@code count} elements of a row, from column {@code column}, each rounded once. */
  public void write(int row, int column, int count, float[] values) {
    long at = at(row, column);
    if (dtype == DType.F32) {
      MemorySegment.copy(values, 0, segment, FLOAT, at, count);
    } else {
      narrow(values, count, segment, at);
    }
  }

  /** Reads one element of each of {@code count} rows to {@code values[to]} and on. */
  public void readColumn(int row, int count, int column, float[] values, int to) {
    long at = at(row, column);
    if (dtype == DType.F32) {
      for (int i = 0; i < count; i++) {
        values[to + i] = segment.get(FLOAT, at + i * stride);
      }
    } else {
      for (int i = 0; i < count; i++) {
        values[to + i] = BFloat16.toFloat(segment.get(SHORT, at + i * stride));
      }
    }
  }

  private long at(int row, int column) {
    return first + row * stride + (long) column * (dtype.bits() / 8);
  }

  /** float32 of {@code count} bfloat16 values, to {@code values[to]} and on. */
  static void widen(MemorySegment segment, long at, int count, float[] values, int to) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      Lanes.widen(ShortVector.fromMemorySegment(Lanes.SHORTS, segment, at + 2L * i, LITTLE_ENDIAN))
          .intoArray(values, to + i);
    }
    for (; i < count; i++) {
      values[to + i] = BFloat16.toFloat(segment.get(SHORT, at + 2L * i));
    }
  }

  /** bfloat16 of {@code count} float32 values, rounded to nearest even. */
  static void narrow(float[] values, int count, MemorySegment segment, long at) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      Lanes.narrow(FloatVector.fromArray(Lanes.FLOATS, values, i))
          .intoMemorySegment(segment, at + 2L * i, LITTLE_ENDIAN);
    }
    for (; i < count; i++) {
      segment.set(SHORT, at + 2L * i, BFloat16.fromFloat(values[i]));
    }
  }
}

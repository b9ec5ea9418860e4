package dev.fluxgate.engine.backend.cpu.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Stored arrays in another element type, a piece at a time. */
public final class Conversion {
  private static final int PIECE = 4096;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private Conversion() {}

  /** Writes the values of {@code source}, rounded once to {@code type}, to native memory. */
  public static void convert(HostTensor source, DType type, MemorySegment target) {
    if (source.dtype() == type) {
      MemorySegment.copy(source.data(), 0, target, 0, source.data().byteSize());
      return;
    }
    float[] values = new float[PIECE];
    short[] halves = new short[PIECE];
    long count = source.shape().count();
    for (long from = 0; from < count; from += PIECE) {
      int piece = (int) Math.min(PIECE, count - from);
      read(source, from, piece, values, halves, type == DType.BF16);
      long at = type.bytes(from);
      if (type == DType.F32) {
        MemorySegment.copy(values, 0, target, FLOAT, at, piece);
      } else {
        FloatRows.narrow(values, piece, target, at);
      }
    }
  }

  /** Reads {@code count} values from element {@code from}, to be rounded further if so said. */
  private static void read(
      HostTensor source, long from, int count, float[] values, short[] halves, boolean further) {
    MemorySegment data = source.data();
    long at = source.dtype().bytes(from);
    switch (source.dtype()) {
      case F32 -> MemorySegment.copy(data, FLOAT, at, values, 0, count);
      case BF16 -> {
        MemorySegment.copy(data, SHORT, at, halves, 0, count);
        for (int i = 0; i < count; i++) {
          values[i] = Float.intBitsToFloat(halves[i] << 16);
        }
      }
      case F16 -> {
        MemorySegment.copy(data, SHORT, at, halves, 0, count);
        for (int i = 0; i < count; i++) {
          values[i] = Float.float16ToFloat(halves[i]);
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          double value = source.getDouble(from + i);
          values[i] = further ? toOdd(value) : (float) value;
        }
      }
    }
  }

  /**
   * A float32 that rounds to the bfloat16 that {@code value} itself rounds to: where bits were cut
   * off the last bit is set, so that no tie appears that was none.
   */
  private static float toOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Float.isNaN(nearest) || Float.isInfinite(nearest)) {
      return nearest;
    }
    int bits = Float.floatToRawIntBits(nearest);
    int truncated = Math.abs(nearest) > Math.abs(value) ? bits - 1 : bits;
    return Float.intBitsToFloat(truncated | 1);
  }
}

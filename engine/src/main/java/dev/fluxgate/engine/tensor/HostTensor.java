package dev.fluxgate.engine.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A contiguous array of the host: a weight as it is stored, a token sequence, a picture. Bytes are
 * little-endian and may be unaligned (a mapped file); the owner of the segment keeps it alive.
 *
 * @param dtype element type
 * @param shape extents
 * @param data exactly the bytes of the elements
 */
public record HostTensor(DType dtype, Shape shape, MemorySegment data) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

  /** Checks that shape and bytes agree. */
  public HostTensor {
    if (dtype.bytes(shape.count()) != data.byteSize()) {
      throw new IllegalArgumentException(
          "data: "
              + data.byteSize()
              + " bytes (expected: "
              + dtype.bytes(shape.count())
              + " for "
              + dtype
              + " "
              + shape
              + ")");
    }
  }

  /** Zeros on the heap. */
  public static HostTensor zeros(DType dtype, Shape shape) {
    byte[] bytes = new byte[Math.toIntExact(dtype.bytes(shape.count()))];
    return new HostTensor(dtype, shape, MemorySegment.ofArray(bytes));
  }

  /** Values converted to {@code dtype}, on the heap. */
  public static HostTensor of(DType dtype, Shape shape, float... values) {
    HostTensor tensor = zeros(dtype, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.set(i, values[i]);
    }
    return tensor;
  }

  /** 32-bit integers on the heap, as token ids are. */
  public static HostTensor ofInts(Shape shape, int... values) {
    HostTensor tensor = zeros(DType.I32, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data.set(INT, 4L * i, values[i]);
    }
    return tensor;
  }

  /**
   * Element {@code index} in row-major order as a float32.
   *
   * @throws IllegalArgumentException for a type that is no plain number of 8 bits or more
   */
  public float get(long index) {
    return switch (dtype) {
      case F32 -> data.get(FLOAT, 4 * index);
      case BF16 -> BFloat16.toFloat(data.get(SHORT, 2 * index));
      case F16 -> Float.float16ToFloat(data.get(SHORT, 2 * index));
      case F64 -> (float) data.get(DOUBLE, 8 * index);
      default -> getLong(index);
    };
  }

  /**
   * Element {@code index} of an integer array.
   *
   * @throws IllegalArgumentException for a type that is no integer
   */
  public long getLong(long index) {
    return switch (dtype) {
      case I64 -> data.get(LONG, 8 * index);
      case I32 -> data.get(INT, 4 * index);
      case U32 -> Integer.toUnsignedLong(data.get(INT, 4 * index));
      case I16 -> data.get(SHORT, 2 * index);
      case U16 -> Short.toUnsignedLong(data.get(SHORT, 2 * index));
      case I8 -> data.get(JAVA_BYTE, index);
      case U8, BOOL -> Byte.toUnsignedLong(data.get(JAVA_BYTE, index));
      default ->
          throw new IllegalArgumentException("dtype: " + dtype + " (expected: a plain number)");
    };
  }

  /** Element {@code index} as a float64, exact for every type that {@link #get} reads. */
  public double getDouble(long index) {
    return dtype == DType.F64 ? data.get(DOUBLE, 8 * index) : get(index);
  }

  /** Sets element {@code index}, rounded to nearest even. */
  public void set(long index, float value) {
    switch (dtype) {
      case F32 -> data.set(FLOAT, 4 * index, value);
      case BF16 -> data.set(SHORT, 2 * index, BFloat16.fromFloat(value));
      case F16 -> data.set(SHORT, 2 * index, Float.floatToFloat16(value));
      case F64 -> data.set(DOUBLE, 8 * index, value);
      default ->
          throw new IllegalArgumentException("dtype: " + dtype + " (expected: a float type)");
    }
  }

  /** All elements as float32, in row-major order. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(shape.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** The same values as {@code other}; this very array if it has that type. */
  public HostTensor to(DType other) {
    if (other == dtype) {
      return this;
    }
    HostTensor converted = zeros(other, shape);
    long count = shape.count();
    for (long i = 0; i < count; i++) {
      converted.set(i, get(i));
    }
    return converted;
  }

  /**
   * Lets go of the memory in which a mapped file's bytes lie; whoever reads them again has them
   * read from the file again. Harmless for other arrays.
   */
  public void unload() {
    if (data.isMapped()) {
      data.unload();
    }
  }

  /** The same bytes under another shape. */
  public HostTensor reshape(long... dims) {
    return new HostTensor(dtype, Shape.of(dims), data);
  }

  /** Entries {@code [from, from + count)} of the first dimension, a view. */
  public HostTensor slice(long from, long count) {
    long each = shape.dim(0) == 0 ? 0 : dtype.bytes(shape.count()) / shape.dim(0);
    long[] dims = shape.dims().stream().mapToLong(Long::longValue).toArray();
    dims[0] = count;
    return new HostTensor(dtype, Shape.of(dims), data.asSlice(from * each, count * each));
  }
}

package dev.fluxgate.cli.bench.checkpoint;

import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.engine.tensor.BFloat16;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A tensor of a made-up checkpoint, in bfloat16 if it is none of integers: near-normal values, a
 * function of seed, name and place alone.
 *
 * @param name as diffusers has it
 * @param dtype BF16, or I64 for zeros
 * @param shape of it
 * @param mean of its values
 * @param deviation standard deviation, 0 for a constant
 */
record PlannedTensor(String name, DType dtype, Shape shape, float mean, float deviation) {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Four numbers of 16 bits: the mean of their sum, and one over its standard deviation. */
  private static final int SUM_MEAN = 131_070;

  private static final float SUM_FACTOR = 2.64289e-5f;

  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  /** A weight whose products keep the size of their inputs, times {@code factor}. */
  static PlannedTensor weight(String name, float factor, long... dims) {
    long inputs = 1;
    for (int i = 1; i < dims.length; i++) {
      inputs *= dims[i];
    }
    return new PlannedTensor(
        name, DType.BF16, Shape.of(dims), 0, (float) (factor / Math.sqrt((double) inputs)));
  }

  /** The same value everywhere. */
  static PlannedTensor constant(String name, float value, long... dims) {
    return new PlannedTensor(name, DType.BF16, Shape.of(dims), value, 0);
  }

  /** A counter that has not begun. */
  static PlannedTensor counter(String name) {
    return new PlannedTensor(name, DType.I64, Shape.of(), 0, 0);
  }

  /** Bytes in the file. */
  long bytes() {
    return dtype.bytes(shape.count());
  }

  /** What is written of it. */
  SafetensorsWriter.Content content(long seed) {
    long own = seed ^ mixed(name.hashCode());
    return new SafetensorsWriter.Content(
        name, dtype, shape, (offset, piece) -> fill(own, offset, piece));
  }

  private void fill(long own, long offset, MemorySegment piece) {
    long first = offset / Short.BYTES;
    for (long i = 0; i < piece.byteSize() / Short.BYTES; i++) {
      float value = deviation == 0 ? mean : mean + deviation * nearNormal(own, first + i);
      piece.set(SHORT, Short.BYTES * i, BFloat16.fromFloat(value));
    }
  }

  /** The sum of four numbers of 16 bits: no tails, and as good as normal for products. */
  private static float nearNormal(long own, long place) {
    long bits = mixed(own + (place + 1) * GOLDEN_RATIO);
    long sum =
        (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48 & 0xFFFF);
    return (sum - SUM_MEAN) * SUM_FACTOR;
  }

  /** The finalizer of SplitMix64. */
  private static long mixed(long value) {
    long bits = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return bits ^ bits >>> 31;
  }
}

package dev.fluxgate.engine.backend.cpu.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax over rows of float32 logits in native memory, in place. */
public final class Softmax {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

  private Softmax() {}

  /** What the probabilities are stored as. */
  public enum Target {
    /** In the place of the logits. */
    FLOAT,
    /** Packed to the start of the row. */
    BFLOAT16
  }

  /**
   * Replaces the logits of one row by exp(scale · (logit − largest)) / sum over columns [from, to),
   * and by 0 elsewhere.
   *
   * @param at byte of the first logit
   * @param columns logits of the row
   * @param target how the probabilities are stored
   */
  public static void row(
      MemorySegment tile, long at, int columns, int from, int to, float scale, Target target) {
    boolean halves = target == Target.BFLOAT16;
    if (from >= to) {
      tile.asSlice(at, (long) columns * (halves ? Short.BYTES : Float.BYTES)).fill((byte) 0);
      return;
    }
    float largest = largest(tile, at, from, to);
    float factor = 1 / exponentials(tile, at, from, to, scale, largest);
    if (halves) {
      storeHalves(tile, at, from, to, factor);
      clear(tile, at, Short.BYTES, columns, from, to);
    } else {
      storeFloats(tile, at, from, to, factor);
      clear(tile, at, Float.BYTES, columns, from, to);
    }
  }

  private static float largest(MemorySegment tile, long at, int from, int to) {
    FloatVector largest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    int i = from;
    for (; i <= to - Lanes.COUNT; i += Lanes.COUNT) {
      largest = largest.max(load(tile, at, i));
    }
    float result = largest.reduceLanes(VectorOperators.MAX);
    for (; i < to; i++) {
      result = Math.max(result, tile.get(FLOAT, at + 4L * i));
    }
    return result;
  }

  /** Stores the exponentials over the logits; gives their sum. */
  private static float exponentials(
      MemorySegment tile, long at, int from, int to, float scale, float largest) {
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    int i = from;
    for (; i <= to - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector e = Lanes.exp(load(tile, at, i).sub(largest).mul(scale));
      e.intoMemorySegment(tile, at + 4L * i, LITTLE_ENDIAN);
      sums = sums.add(e);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < to; i++) {
      float e = (float) Math.exp((tile.get(FLOAT, at + 4L * i) - largest) * scale);
      tile.set(FLOAT, at + 4L * i, e);
      sum += e;
    }
    return sum;
  }

  private static void storeFloats(MemorySegment tile, long at, int from, int to, float factor) {
    int i = from;
    for (; i <= to - Lanes.COUNT; i += Lanes.COUNT) {
      load(tile, at, i).mul(factor).intoMemorySegment(tile, at + 4L * i, LITTLE_ENDIAN);
    }
    for (; i < to; i++) {
      tile.set(FLOAT, at + 4L * i, tile.get(FLOAT, at + 4L * i) * factor);
    }
  }

  /** A half is stored at or before the float it comes from, and after that float was read. */
  private static void storeHalves(MemorySegment tile, long at, int from, int to, float factor) {
    int i = from;
    for (; i <= to - Lanes.COUNT; i += Lanes.COUNT) {
      Lanes.narrow(load(tile, at, i).mul(factor))
          .intoMemorySegment(tile, at + 2L * i, LITTLE_ENDIAN);
    }
    for (; i < to; i++) {
      tile.set(SHORT, at + 2L * i, BFloat16.fromFloat(tile.get(FLOAT, at + 4L * i) * factor));
    }
  }

  private static void clear(MemorySegment tile, long at, int width, int columns, int from, int to) {
    tile.asSlice(at, (long) width * from).fill((byte) 0);
    tile.asSlice(at + (long) width * to, (long) width * (columns - to)).fill((byte) 0);
  }

  private static FloatVector load(MemorySegment tile, long at, int index) {
    return FloatVector.fromMemorySegment(Lanes.FLOATS, tile, at + 4L * index, LITTLE_ENDIAN);
  }
}

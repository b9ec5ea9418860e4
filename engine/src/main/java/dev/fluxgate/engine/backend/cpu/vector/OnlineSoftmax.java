package dev.fluxgate.engine.backend.cpu.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The softmax of attention, some keys at a time, so that the logits of a block of queries need not
 * be held for all keys at once (Milakov and Gimelshein 2018). For every query it keeps the largest
 * logit so far, the sum of exponentials, and the weighted sum of values, both relative to that
 * logit; a larger one rescales them.
 *
 * <p>Belongs to one thread.
 */
public final class OnlineSoftmax {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;

  private final MemorySegment logits;
  private final MemorySegment weightedSums;
  private final float[] largest;
  private final float[] totals;
  private float scale;
  private int width;

  /**
   * A softmax for up to {@code rows} queries.
   *
   * @param logits native memory of the logits, float32
   * @param weightedSums native memory of the sums, float32
   */
  public OnlineSoftmax(MemorySegment logits, MemorySegment weightedSums, int rows) {
    this.logits = logits;
    this.weightedSums = weightedSums;
    largest = new float[rows];
    totals = new float[rows];
  }

  /** What probabilities are stored as. */
  public enum Target {
    /** In the place of the logits. */
    FLOAT,
    /** Packed to the start of the row. */
    BFLOAT16
  }

  /** Memory of the logits, later of the probabilities. */
  public MemorySegment logits() {
    return logits;
  }

  /** Memory of the weighted sums, one row of values a query. */
  public MemorySegment weightedSums() {
    return weightedSums;
  }

  /**
   * Forgets all queries.
   *
   * @param factor multiplies logits from now on
   * @param values of a row of the weighted sums
   */
  public void begin(float factor, int values) {
    scale = factor;
    width = values;
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
    Arrays.fill(totals, 0);
  }

  /**
   * Makes logits scale · logit + bias, for the first {@code count} of query {@code row}.
   *
   * @param stride logits from row to row
   */
  public void shift(int row, long stride, float factor, float[] bias, int count) {
    long at = row * stride * Float.BYTES;
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      load(logits, at, i)
          .mul(factor)
          .add(FloatVector.fromArray(Lanes.FLOATS, bias, i))
          .intoMemorySegment(logits, at + 4L * i, LITTLE_ENDIAN);
    }
    for (; i < count; i++) {
      float logit = logits.get(FLOAT, at + 4L * i);
      logits.set(FLOAT, at + 4L * i, logit * factor + bias[i]);
    }
  }

  /**
   * Replaces the logits of query {@code row} by their exponentials relative to the largest logit
   * over columns [from, to), and by 0 elsewhere; rescales its sum by what has become larger.
   *
   * @param stride logits from row to row
   * @param columns logits of the row
   * @param quick of these, how many take the quick exponential if they become bfloat16
   */
  public void add(int row, long stride, int columns, int quick, int from, int to, Target target) {
    long at = row * stride * Float.BYTES;
    int bytes = target == Target.FLOAT ? Float.BYTES : Short.BYTES;
    if (from >= to) {
      logits.asSlice(at, (long) columns * bytes).fill((byte) 0);
      return;
    }
    float before = largest[row];
    float now = Math.max(before, largest(at, from, to));
    if (now > before) {
      largest[row] = now;
      if (before != Float.NEGATIVE_INFINITY) {
        float factor = (float) Math.exp((before - now) * scale);
        totals[row] *= factor;
        rescale(row, factor);
      }
    }
    totals[row] +=
        target == Target.FLOAT ? floats(at, from, to, now) : halves(at, quick, from, to, now);
    clear(at, bytes, columns, from, to);
  }

  /** Writes the result of query {@code row}: its weighted sum by its total, zeros for none. */
  public void store(int row, int width, FloatRows out, int outRow, int column, float[] buffer) {
    float total = totals[row];
    if (total == 0) {
      Arrays.fill(buffer, 0, width, 0);
    } else {
      MemorySegment.copy(weightedSums, FLOAT, (long) row * width * Float.BYTES, buffer, 0, width);
      Elementwise.scale(buffer, 1 / total, width);
    }
    out.write(outRow, column, width, buffer);
  }

  private void rescale(int row, float factor) {
    long at = (long) row * width * Float.BYTES;
    int i = 0;
    for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
      load(weightedSums, at, i)
          .mul(factor)
          .intoMemorySegment(weightedSums, at + 4L * i, LITTLE_ENDIAN);
    }
    for (; i < width; i++) {
      weightedSums.set(FLOAT, at + 4L * i, weightedSums.get(FLOAT, at + 4L * i) * factor);
    }
  }

  private float largest(long at, int from, int to) {
    FloatVector first = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector second = first;
    int i = from;
    for (; i <= to - 2 * Lanes.COUNT; i += 2 * Lanes.COUNT) {
      first = first.max(load(logits, at, i));
      second = second.max(load(logits, at, i + Lanes.COUNT));
    }
    float result = first.max(second).reduceLanes(VectorOperators.MAX);
    for (; i < to; i++) {
      result = Math.max(result, logits.get(FLOAT, at + 4L * i));
    }
    return result;
  }

  /** Stores the exponentials over the logits; gives their sum. */
  private float floats(long at, int from, int to, float origin) {
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    float factor = scale * Lanes.LOG2_E;
    int i = from;
    for (; i <= to - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector e = Lanes.exp2(load(logits, at, i).sub(origin).mul(factor));
      e.intoMemorySegment(logits, at + 4L * i, LITTLE_ENDIAN);
      sums = sums.add(e);
    }
    float sum = Lanes.sum(sums);
    for (; i < to; i++) {
      float e = (float) Math.exp((logits.get(FLOAT, at + 4L * i) - origin) * scale);
      logits.set(FLOAT, at + 4L * i, e);
      sum += e;
    }
    return sum;
  }

  /**
   * As {@link #floats}, rounded to bfloat16. Each is stored at or before the logit that it comes
   * from, after that logit was read. The first {@code quick} logits of the row take the quick
   * exponential, the rest the exact one, as the reference's kernel does.
   */
  private float halves(long at, int quick, int from, int to, float origin) {
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    float shift = origin * scale;
    int whole = Math.min(to, quick);
    int first = from / Lanes.COUNT * Lanes.COUNT;
    int i = first;
    if (first < from && first < whole) {
      sums = sums.add(edge(at, first, shift, within(first, from, whole)));
      i += Lanes.COUNT;
    }
    for (; i + Lanes.COUNT <= whole; i += Lanes.COUNT) {
      sums = sums.add(halves(at, i, shift));
    }
    if (i < whole) {
      sums = sums.add(edge(at, i, shift, within(i, from, whole)));
    }
    float sum = Lanes.sum(sums);
    for (i = Math.max(from, quick); i < to; i++) {
      float e = (float) Math.exp(logits.get(FLOAT, at + 4L * i) * scale - shift);
      logits.set(SHORT, at + 2L * i, BFloat16.fromFloat(e));
      sum += e;
    }
    return sum;
  }

  /** As {@link #halves} of one vector, but others than {@code seen} are 0 and not stored. */
  private FloatVector edge(long at, int index, float shift, VectorMask<Float> seen) {
    FloatVector e = Lanes.quickExp(load(logits, at, index).mul(scale).sub(shift));
    Lanes.narrowNumbers(e)
        .intoMemorySegment(logits, at + 2L * index, LITTLE_ENDIAN, seen.cast(Lanes.SHORTS));
    return FloatVector.zero(Lanes.FLOATS).blend(e, seen);
  }

  /** Stores the quick exponentials of one vector. */
  private FloatVector halves(long at, int index, float shift) {
    FloatVector e = Lanes.quickExp(load(logits, at, index).mul(scale).sub(shift));
    Lanes.narrowNumbers(e).intoMemorySegment(logits, at + 2L * index, LITTLE_ENDIAN);
    return e;
  }

  private static VectorMask<Float> within(int index, int from, int to) {
    return Lanes.FLOATS.indexInRange(index, to).andNot(Lanes.FLOATS.indexInRange(index, from));
  }

  private void clear(long at, int bytes, int columns, int from, int to) {
    if (from > 0) {
      logits.asSlice(at, (long) bytes * from).fill((byte) 0);
    }
    if (to < columns) {
      logits.asSlice(at + (long) bytes * to, (long) bytes * (columns - to)).fill((byte) 0);
    }
  }

  private static FloatVector load(MemorySegment segment, long at, int index) {
    return FloatVector.fromMemorySegment(Lanes.FLOATS, segment, at + 4L * index, LITTLE_ENDIAN);
  }
}

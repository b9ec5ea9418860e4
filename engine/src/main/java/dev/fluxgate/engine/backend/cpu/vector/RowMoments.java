package dev.fluxgate.engine.backend.cpu.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Mean and variance of a long row in float32, added up in the order of the reference (torch's
 * {@code RowwiseMoments}), so that both are the same to the last bit: values rounded to bfloat16
 * after a norm would else fall on the other side of a rounding now and then.
 *
 * <p>Sixteen elements of bfloat16, eight of float32, are taken at once; each of these places has
 * moments of its own after Welford, over sixteen such steps. What comes of them is brought to eight
 * lanes and merged two by two, the results of these two by two, and so on (Chan, Golub and LeVeque
 * 1979); at last the eight lanes, after the elements that were left over.
 */
public final class RowMoments {
  static final int LANES = 8;
  static final int STEPS = 16;

  /** Two to this times a chunk is more than an array holds. */
  private static final int LEVELS = 32;

  private static final VectorSpecies<Float> SPECIES =
      Lanes.COUNT < LANES ? Lanes.FLOATS : FloatVector.SPECIES_256;

  private final int width;
  private final float[] chunkMeans;
  private final float[] chunkSquares;

  /** By level: elements in each lane, their means, their summed squares about these. */
  private final int[] counts = new int[LEVELS];

  private final float[] means = new float[LEVELS * LANES];
  private final float[] squares = new float[LEVELS * LANES];
  private int chunks;
  private float mean;
  private float variance;

  /**
   * Moments of rows of a type.
   *
   * @param rounded whether the elements are those of bfloat16
   */
  public RowMoments(boolean rounded) {
    width = width(rounded);
    chunkMeans = new float[width];
    chunkSquares = new float[width];
  }

  /** Elements that are taken at once. */
  static int width(boolean rounded) {
    return rounded ? 2 * LANES : LANES;
  }

  /** Makes the moments of the row x[0] to x[count − 1]. */
  public void of(float[] x, int count) {
    int from = 0;
    for (; from + chunk() <= count; from += chunk()) {
      add(x, from);
    }
    finish(x, from, count - from);
  }

  /** Whether rows are those of bfloat16. */
  boolean rounded() {
    return width > LANES;
  }

  /** Elements that {@link #add} takes. */
  public int chunk() {
    return STEPS * width;
  }

  /** Takes the next chunk of the row, x[from] and on. */
  public void add(float[] x, int from) {
    add(x, from, STEPS);
  }

  /** Takes a block of a column as the next two chunks, after an even number of these. */
  public void addLeaf(float[] leaves, int at) {
    System.arraycopy(leaves, at, chunkMeans, 0, LANES);
    System.arraycopy(leaves, at + LANES, chunkSquares, 0, LANES);
    merge(2 * STEPS * (width / LANES), chunkMeans, chunkSquares, 0, 0);
    chunks += 2;
    carry();
  }

  /** Takes the rest of the row, less than a chunk, and makes the moments; then begins anew. */
  public void finish(float[] x, int from, int count) {
    int steps = count / width;
    if (steps > 0) {
      add(x, from, steps);
    }
    for (int level = 1; level < LEVELS; level++) {
      if (counts[level] > 0) {
        merge(counts[level], means, squares, level * LANES, 0);
        clear(level);
      }
    }
    finishLanes(x, from + steps * width, from + count);
    clear(0);
    chunks = 0;
  }

  /** Of the row that was finished. */
  public float mean() {
    return mean;
  }

  /** Of the row that was finished, biased. */
  public float variance() {
    return variance;
  }

  private void add(float[] x, int from, int steps) {
    for (int place = 0; place < width; place += SPECIES.length()) {
      FloatVector means = FloatVector.zero(SPECIES);
      FloatVector squares = means;
      for (int i = 0; i < steps; i++) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, from + place + i * width);
        FloatVector apart = v.sub(means);
        means = apart.fma(FloatVector.broadcast(SPECIES, 1f / (i + 1)), means);
        squares = apart.fma(v.sub(means), squares);
      }
      means.intoArray(chunkMeans, place);
      squares.intoArray(chunkSquares, place);
    }
    for (int place = 0; place < width; place += LANES) {
      merge(steps, chunkMeans, chunkSquares, place, 0);
    }
    chunks++;
    carry();
  }

  /** Merges levels up while two of one are there. */
  private void carry() {
    for (int level = 1; ((chunks >> (level - 1)) & 1) == 0; level++) {
      merge(counts[level - 1], means, squares, (level - 1) * LANES, level);
      clear(level - 1);
    }
  }

  /** Adds moments of {@code more} elements a lane to those of a level. */
  private void merge(int more, float[] moreMeans, float[] moreSquares, int from, int level) {
    int count = counts[level];
    float share = (float) more / (count + more);
    int to = level * LANES;
    for (int i = 0; i < LANES; i++) {
      float apart = moreMeans[from + i] - means[to + i];
      float change = share * apart;
      means[to + i] += change;
      squares[to + i] = Math.fma(apart * count, change, squares[to + i] + moreSquares[from + i]);
    }
    counts[level] = count + more;
  }

  private void clear(int level) {
    counts[level] = 0;
    Arrays.fill(means, level * LANES, (level + 1) * LANES, 0);
    Arrays.fill(squares, level * LANES, (level + 1) * LANES, 0);
  }

  /** Elements left over, one by one, then the lanes of level 0. */
  private void finishLanes(float[] x, int from, int to) {
    int count = 0;
    float center = 0;
    float sum = 0;
    for (int i = from; i < to; i++) {
      float apart = x[i] - center;
      count++;
      center += apart / count;
      sum = Math.fma(apart, x[i] - center, sum);
    }
    int more = counts[0];
    for (int i = 0; more > 0 && i < LANES; i++) {
      float share = (float) more / (count + more);
      float apart = means[i] - center;
      center = Math.fma(share, apart, center);
      sum += Math.fma(apart * apart * share, count, squares[i]);
      count += more;
    }
    mean = center;
    variance = sum / count;
  }
}

package dev.fluxgate.engine.backend.cpu.vector;

import dev.fluxgate.engine.backend.RotaryTable.Pairing;
import dev.fluxgate.engine.tensor.BFloat16;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Rotation of the feature pairs of a head: (a, b) → (a·cos − b·sin, b·cos + a·sin). */
public final class Rotation {
  /** Exchanges neighbouring lanes. */
  private static final VectorShuffle<Float> SWAP =
      VectorShuffle.fromOp(Lanes.FLOATS, lane -> lane ^ 1);

  private Rotation() {}

  /** Spreads the cosines of one position over the features of a head. */
  public static void spreadCos(float[] cos, int pairs, Pairing pairing, float[] factor) {
    for (int j = 0; j < pairs; j++) {
      factor[first(pairing, j)] = cos[j];
      factor[second(pairing, j, pairs)] = cos[j];
    }
  }

  /** Spreads the sines of one position, negative where they meet the second of a pair. */
  public static void spreadSin(float[] sin, int pairs, Pairing pairing, float[] crossed) {
    for (int j = 0; j < pairs; j++) {
      crossed[first(pairing, j)] = -sin[j];
      crossed[second(pairing, j, pairs)] = sin[j];
    }
  }

  private static int first(Pairing pairing, int pair) {
    return pairing == Pairing.ADJACENT ? 2 * pair : pair;
  }

  private static int second(Pairing pairing, int pair, int pairs) {
    return pairing == Pairing.ADJACENT ? 2 * pair + 1 : pair + pairs;
  }

  /** As {@link #rotate}, every product rounded to bfloat16 before two are added. */
  public static void rotateRounded(
      float[] x, int from, int headDim, Pairing pairing, float[] factor, float[] crossed) {
    int half = headDim / 2;
    int apart = pairing == Pairing.ADJACENT ? 1 : half;
    int done =
        pairing == Pairing.ADJACENT ? 0 : rotateHalvesRounded(x, from, half, factor, crossed);
    for (int j = done; j < half; j++) {
      int i = first(pairing, j);
      float a = x[from + i];
      float b = x[from + i + apart];
      float cos = factor[i];
      float sin = crossed[i + apart];
      x[from + i] = BFloat16.round(a * cos) - BFloat16.round(b * sin);
      x[from + i + apart] = BFloat16.round(b * cos) + BFloat16.round(a * sin);
    }
  }

  /** Rotates the pairs that fill whole vectors; gives their number. */
  private static int rotateHalvesRounded(
      float[] x, int from, int half, float[] factor, float[] crossed) {
    int i = 0;
    for (; i <= half - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = FloatVector.fromArray(Lanes.FLOATS, x, from + i);
      FloatVector b = FloatVector.fromArray(Lanes.FLOATS, x, from + half + i);
      FloatVector cos = FloatVector.fromArray(Lanes.FLOATS, factor, i);
      FloatVector sin = FloatVector.fromArray(Lanes.FLOATS, crossed, half + i);
      Lanes.round(a.mul(cos)).sub(Lanes.round(b.mul(sin))).intoArray(x, from + i);
      Lanes.round(b.mul(cos)).add(Lanes.round(a.mul(sin))).intoArray(x, from + half + i);
    }
    return i;
  }

  /** Rotates the {@code headDim} features from {@code from}, in place. */
  public static void rotate(
      float[] x, int from, int headDim, Pairing pairing, float[] factor, float[] crossed) {
    switch (pairing) {
      case ADJACENT -> rotateAdjacent(x, from, headDim, factor, crossed);
      case HALVES -> rotateHalves(x, from, headDim, factor, crossed);
    }
  }

  private static void rotateAdjacent(
      float[] x, int from, int headDim, float[] factor, float[] crossed) {
    int i = 0;
    for (; i <= headDim - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, from + i);
      FloatVector turned = v.rearrange(SWAP).mul(FloatVector.fromArray(Lanes.FLOATS, crossed, i));
      v.fma(FloatVector.fromArray(Lanes.FLOATS, factor, i), turned).intoArray(x, from + i);
    }
    for (; i < headDim; i += 2) {
      turnPair(x, from + i, from + i + 1, factor[i], crossed[i + 1]);
    }
  }

  private static void rotateHalves(
      float[] x, int from, int headDim, float[] factor, float[] crossed) {
    int half = headDim / 2;
    int i = 0;
    for (; i <= half - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = FloatVector.fromArray(Lanes.FLOATS, x, from + i);
      FloatVector b = FloatVector.fromArray(Lanes.FLOATS, x, from + half + i);
      FloatVector cos = FloatVector.fromArray(Lanes.FLOATS, factor, i);
      FloatVector sin = FloatVector.fromArray(Lanes.FLOATS, crossed, half + i);
      a.mul(cos).sub(b.mul(sin)).intoArray(x, from + i);
      b.mul(cos).add(a.mul(sin)).intoArray(x, from + half + i);
    }
    for (; i < half; i++) {
      turnPair(x, from + i, from + half + i, factor[i], crossed[half + i]);
    }
  }

  private static void turnPair(float[] x, int a, int b, float cos, float sin) {
    float first = x[a];
    x[a] = first * cos - x[b] * sin;
    x[b] = x[b] * cos + first * sin;
  }
}

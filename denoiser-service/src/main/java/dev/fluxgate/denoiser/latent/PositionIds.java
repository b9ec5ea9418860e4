package dev.fluxgate.denoiser.latent;

import java.util.Arrays;

/**
 * Positions of tokens on four axes: time, row, column, place in the text (flux2 spec §2.2). Text
 * token n is (0, 0, 0, n), image token (r, c) of picture t is (t, r, c, 0).
 */
public final class PositionIds {
  /** Number of axes. */
  public static final int AXES = 4;

  private final int[] ids;

  private PositionIds(int[] ids) {
    this.ids = ids;
  }

  /**
   * Given positions, {@link #AXES} numbers a token.
   *
   * @throws IllegalArgumentException if the last token is incomplete
   */
  public static PositionIds of(int... ids) {
    if (ids.length % AXES != 0) {
      throw new IllegalArgumentException(
          "position ids: " + ids.length + " numbers (expected: " + AXES + " a token)");
    }
    return new PositionIds(ids.clone());
  }

  /** {@code tokens} text tokens, padding included. */
  public static PositionIds text(int tokens) {
    int[] ids = new int[AXES * tokens];
    for (int n = 0; n < tokens; n++) {
      ids[AXES * n + 3] = n;
    }
    return new PositionIds(ids);
  }

  /** The tokens of a picture; {@code time} is 0 for the one that is made. */
  public static PositionIds image(LatentGrid grid, int time) {
    int[] ids = new int[AXES * grid.tokens()];
    for (int token = 0; token < grid.tokens(); token++) {
      ids[AXES * token] = time;
      ids[AXES * token + 1] = token / grid.columns();
      ids[AXES * token + 2] = token % grid.columns();
    }
    return new PositionIds(ids);
  }

  /** These tokens, then those of {@code other}. */
  public PositionIds then(PositionIds other) {
    int[] both = Arrays.copyOf(ids, ids.length + other.ids.length);
    System.arraycopy(other.ids, 0, both, ids.length, other.ids.length);
    return new PositionIds(both);
  }

  /** Number of tokens. */
  public int tokens() {
    return ids.length / AXES;
  }

  /** {@link #AXES} numbers a token. */
  public float[] toFloats() {
    float[] floats = new float[ids.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = ids[i];
    }
    return floats;
  }

  /** Position of a token on an axis. */
  public int id(int token, int axis) {
    return ids[AXES * token + axis];
  }
}

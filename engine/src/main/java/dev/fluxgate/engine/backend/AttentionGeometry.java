package dev.fluxgate.engine.backend;

/**
 * Sizes of one attention. Feature {@code h · headDim + k} of a row belongs to head h.
 *
 * @param batch B, independent sequences, one behind the other in the rows
 * @param queries rows of q and out per sequence
 * @param keys rows of k and v per sequence
 * @param heads H, heads of q and out
 * @param keyValueHeads heads of k and v; head h of q reads head h · keyValueHeads / heads
 * @param headDim K, features of one head
 * @param scale positive factor on the logits
 */
public record AttentionGeometry(
    int batch, int queries, int keys, int heads, int keyValueHeads, int headDim, float scale) {

  /** Checks that the heads of q share those of k and v evenly, and the scale. */
  public AttentionGeometry {
    if (heads < 1 || keyValueHeads < 1 || heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads: "
              + heads
              + " (expected: a multiple of the "
              + keyValueHeads
              + " key-value heads)");
    }
    if (!(scale > 0) || Float.isInfinite(scale)) {
      throw new IllegalArgumentException("scale: " + scale + " (expected: a positive number)");
    }
  }

  /** The usual scale, headDim^−½. */
  public AttentionGeometry(
      int batch, int queries, int keys, int heads, int keyValueHeads, int headDim) {
    this(
        batch,
        queries,
        keys,
        heads,
        keyValueHeads,
        headDim,
        (float) (1 / Math.sqrt(Math.max(headDim, 1))));
  }

  /** Self-attention of one sequence with as many key-value heads as heads. */
  public static AttentionGeometry self(int tokens, int heads, int headDim) {
    return new AttentionGeometry(1, tokens, tokens, heads, heads, headDim);
  }

  /** The same with another factor on the logits. */
  public AttentionGeometry withScale(float factor) {
    return new AttentionGeometry(batch, queries, keys, heads, keyValueHeads, headDim, factor);
  }
}

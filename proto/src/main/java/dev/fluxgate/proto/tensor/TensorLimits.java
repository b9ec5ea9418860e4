package dev.fluxgate.proto.tensor;

/**
 * What a receiver is willing to hold, checked before anything is allocated.
 *
 * @param maxRank most dimensions
 * @param maxBytes most bytes of the whole tensor, repeated rows included
 */
public record TensorLimits(int maxRank, long maxBytes) {
  /**
   * Room for any prompt embeds: 512 tokens of 15360 float32 channels are 31.5 MB, so the largest
   * accepted is about eight times that.
   */
  public static final TensorLimits PROMPT_EMBEDS = new TensorLimits(3, 256L << 20);

  /** Room for what a job reads: prompt embeds, or latents, which have four dimensions. */
  public static final TensorLimits INPUT = new TensorLimits(4, PROMPT_EMBEDS.maxBytes);

  /** Checks that the limits allow something. */
  public TensorLimits {
    if (maxRank < 1 || maxBytes < 1 || maxBytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "maxRank: "
              + maxRank
              + ", maxBytes: "
              + maxBytes
              + " (expected: at least 1 each, bytes below 2 GiB)");
    }
  }
}

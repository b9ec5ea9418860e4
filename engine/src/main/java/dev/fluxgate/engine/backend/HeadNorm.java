package dev.fluxgate.engine.backend;

/**
 * RMS norm over the features of each head.
 *
 * @param weight (headDim)
 * @param eps added to the mean of squares
 * @param order where the result is rounded
 */
public record HeadNorm(Weight.Vector weight, float eps, Order order) {

  /** What comes first, the weight or a rounding; both round the product. */
  public enum Order {
    /** R(w · x̂): the transformers of FLUX. */
    WEIGH_THEN_ROUND,
    /** R(w · R(x̂)): the text encoders. */
    ROUND_THEN_WEIGH
  }
}

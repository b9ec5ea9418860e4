package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Which keys a query sees, and how much it favours them. A query that sees none gets zeros. */
public sealed interface AttentionMask {

  /** Every query sees every key. */
  record Full() implements AttentionMask {}

  /**
   * Query i of sequence b sees key j if j ≤ i + (keys − queries) and {@code live.get(b)} holds j: a
   * decoder over padded sequences, whose queries are the last of the positions that have keys.
   * There are at least as many keys as queries.
   *
   * @param live one range a sequence
   */
  record Causal(List<KeyRange> live) implements AttentionMask {
    /** Copies the ranges. */
    public Causal {
      live = List.copyOf(live);
    }
  }

  /**
   * Every query sees every key, and a bias is added to scale · q·kᵀ, the same one for every
   * sequence: relative positions of T5.
   *
   * @param bias (H · queries, keys), row h · queries + i for query i of head h; float32 or of the
   *     type of q, finite; may not be out
   */
  record Biased(Tensor bias) implements AttentionMask {}

  /**
   * Keys [first, end) of a sequence that are no padding.
   *
   * @param first the first
   * @param end one past the last
   */
  record KeyRange(int first, int end) {
    /** Checks that the range is none or some keys. */
    public KeyRange {
      if (first < 0 || end < first) {
        throw new IllegalArgumentException(
            "keys: [" + first + ", " + end + ") (expected: 0 <= first <= end)");
      }
    }
  }

  /** Every query sees every key. */
  AttentionMask FULL = new Full();
}

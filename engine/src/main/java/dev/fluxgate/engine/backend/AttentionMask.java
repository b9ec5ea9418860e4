package dev.fluxgate.engine.backend;

import java.util.List;

/** Which keys a query sees. A query that sees none gets zeros. */
public sealed interface AttentionMask {

  /** Every query sees every key. */
  record Full() implements AttentionMask {}

  /**
   * Query i of sequence b sees key j if j ≤ i and {@code live.get(b)} holds j: a decoder over
   * padded sequences.
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

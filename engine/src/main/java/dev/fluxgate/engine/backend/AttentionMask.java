package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Which keys a query sees, and how much it favours them. A query that sees none gets zeros. */
public sealed interface AttentionMask {

  /** Every query sees every key. */
  record Full() implements AttentionMask {}

  /**
   * Every query sees every key, and before and behind these there would be others that none sees:
   * one of several pictures that the reference takes as one sequence. What is told of them decides
   * {@link #quick} alone.
   *
   * @param before keys before
   * @param behind keys behind
   */
  record Among(int before, int behind) implements AttentionMask {
    /** Checks that neither is negative. */
    public Among {
      if (before < 0 || behind < 0) {
        throw new IllegalArgumentException(
            "keys: %d before, %d behind (expected: none or some)".formatted(before, behind));
      }
    }
  }

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

  /**
   * How many of the first keys of a sequence the reference takes the quick exponential of, in
   * bfloat16: those of whole groups of sixteen.
   *
   * @param mask whose
   * @param keys of a sequence
   */
  static int quick(AttentionMask mask, int keys) {
    return mask instanceof Among(int before, int behind)
        ? Math.clamp((before + keys + behind) / GROUP * GROUP - before, 0, keys)
        : keys / GROUP * GROUP;
  }

  /** Keys whose exponentials the reference takes at once. */
  int GROUP = 16;

  /** Every query sees every key. */
  AttentionMask FULL = new Full();
}

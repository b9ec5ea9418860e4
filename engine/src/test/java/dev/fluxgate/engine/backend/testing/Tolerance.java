package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * How far a result may lie from the oracle's. Three parts add up:
 *
 * <ul>
 *   <li><em>The store.</em> The result is rounded once to nearest: half the distance of neighbours
 *       in its type. (Truncation errs by up to a whole one and so fails.) The oracle's own result
 *       is kept in float32, which errs by half a float32 distance.
 *   <li><em>The reduction.</em> A back end sums in float32. n sums of terms of size m err by at
 *       most 2⁻²⁴·n·(partial sum), and a partial sum of terms with random signs grows as m·√n, its
 *       error as √n of that: 2⁻²⁴·n·m, of which four are allowed, because blocks, lanes and
 *       approximated exponentials spread it. Sums of squares have n·2⁻²⁴ relative at worst, so the
 *       same form holds for norms.
 *   <li><em>Rounding points</em> that an op's contract allows besides, in units of the result.
 * </ul>
 *
 * @param length n, additions that enter one element
 * @param magnitude m, size of the terms
 * @param inner what the roundings inside the op may add
 */
record Tolerance(int length, double magnitude, double inner) {
  /** Elements that may differ where nearly all must be equal. */
  private static final double STEPWISE_SHARE = 0.03;

  static Tolerance reduction(int length, double magnitude) {
    return new Tolerance(length, magnitude, 0);
  }

  Tolerance plus(double rounding) {
    return new Tolerance(length, magnitude, inner + rounding);
  }

  /** Largest distance of a value stored as {@code type} from the float32 value of the oracle. */
  double allowed(DType type, double expected) {
    double half = type == DType.BF16 ? 0x1p-8 : 0x1p-24;
    // One binade up: a value just below a power of two may be rounded up to it.
    double store = half * Math.scalb(1.0, Math.getExponent((float) expected));
    double oracle = 0x1p-24 * Math.abs(expected);
    return store + oracle + 0x1p-22 * length * magnitude + inner + Float.MIN_NORMAL;
  }

  /**
   * Compares results that were rounded to bfloat16 on the way, on both sides. Sums that differ in
   * their last bits are rounded to different neighbours now and then, so nearly all elements must
   * be equal, and the others be off by what one rounding the other way makes of them. A rounding
   * left out, or one too many, changes every third element.
   */
  void checkStepwise(HostTensor expected, HostTensor actual) {
    long count = expected.shape().count();
    long different = 0;
    Tolerance oneStep = plus(0x1p-7 * magnitude * Math.max(1, Math.sqrt(length)));
    for (long i = 0; i < count; i++) {
      if (expected.get(i) != actual.get(i)) {
        different++;
      }
    }
    oneStep.check(expected, actual);
    assertThat(different)
        .as("elements of %s that differ from the oracle's", expected.shape())
        .isLessThanOrEqualTo(Math.round(1 + STEPWISE_SHARE * count));
  }

  /** Compares all elements; the message names the first that is off. */
  void check(HostTensor expected, HostTensor actual) {
    assertThat(actual.shape().count()).isEqualTo(expected.shape().count());
    long columns = Math.max(1, expected.shape().columns());
    for (long i = 0; i < expected.shape().count(); i++) {
      double wanted = expected.getDouble(i);
      double allowed = allowed(actual.dtype(), wanted);
      double got = actual.getDouble(i);
      if (!(Math.abs(got - wanted) <= allowed)) {
        throw new AssertionError(
            "row %d, column %d of %s: %s (expected: %s ± %s)"
                .formatted(i / columns, i % columns, expected.shape(), got, wanted, allowed));
      }
    }
  }
}

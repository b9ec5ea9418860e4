package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.tensor.BFloat16;
import dev.fluxgate.engine.tensor.DType;

/** R(·) of the formulas, from float64, without a second rounding on the way. */
final class Rounding {
  private Rounding() {}

  /** {@code value} rounded to nearest even in {@code type}, float32 or bfloat16. */
  static float round(DType type, double value) {
    return type == DType.BF16 ? BFloat16.round(toOdd(value)) : (float) value;
  }

  /**
   * What is left of {@code value} after a stop in a tensor of {@code type}: R(value) for bfloat16,
   * all of it for float32, whose rounding the oracle leaves out.
   */
  static double through(DType type, double value) {
    return type == DType.BF16 ? round(type, value) : value;
  }

  /**
   * The float32 next to {@code value} whose last bit says whether anything was cut off (rounding to
   * odd). Rounding it to bfloat16 gives what rounding {@code value} itself would: a plain float32
   * in between could land on a tie that {@code value} is not.
   */
  static float toOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Float.isNaN(nearest) || Float.isInfinite(nearest)) {
      return nearest;
    }
    int bits = Float.floatToRawIntBits(nearest);
    int truncated = Math.abs(nearest) > Math.abs(value) ? bits - 1 : bits;
    return Float.intBitsToFloat(truncated | 1);
  }
}

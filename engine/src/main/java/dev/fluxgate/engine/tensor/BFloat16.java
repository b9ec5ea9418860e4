package dev.fluxgate.engine.tensor;

/** bfloat16: the upper half of a float32, rounded to nearest, ties to even. */
public final class BFloat16 {
  private BFloat16() {}

  /** The float32 of the same value. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16; not-a-number stays so. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /** {@code value} after a round trip through bfloat16: R(value) in the formulas. */
  public static float round(float value) {
    return toFloat(fromFloat(value));
  }
}

package dev.fluxgate.engine.tensor;

/** Element types, named as in the safetensors format; values are little-endian. */
public enum DType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /** Bits of one element; types below a byte are packed. */
  public int bits() {
    return bits;
  }

  /**
   * Bytes of {@code count} elements.
   *
   * @throws ArithmeticException if the number overflows or the elements do not fill whole bytes
   */
  public long bytes(long count) {
    long total = Math.multiplyExact(count, bits);
    if (total % 8 != 0) {
      throw new ArithmeticException(
          count + " elements of " + this + " (expected: a whole number of bytes)");
    }
    return total / 8;
  }

  /**
   * The nearest value of this type, ties to even: R(value) in the formulas.
   *
   * @throws IllegalArgumentException for a type in which no model computes
   */
  public float round(float value) {
    return switch (this) {
      case F32 -> value;
      case BF16 -> BFloat16.round(value);
      default -> throw new IllegalArgumentException("dtype: " + this + " (expected: F32 or BF16)");
    };
  }

  /** Whether models compute in this type: float32 or bfloat16. */
  public boolean isCompute() {
    return this == F32 || this == BF16;
  }
}

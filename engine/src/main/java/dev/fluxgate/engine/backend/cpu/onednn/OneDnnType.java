package dev.fluxgate.engine.backend.cpu.onednn;

import dev.fluxgate.engine.tensor.DType;

/** Element types, numbered as in {@code dnnl_data_type_t}. */
public enum OneDnnType {
  F16(1, 2),
  BF16(2, 2),
  F32(3, 4);

  private final int code;
  private final int bytes;

  OneDnnType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The type of the same name. */
  public static OneDnnType of(DType dtype) {
    return switch (dtype) {
      case F32 -> F32;
      case BF16 -> BF16;
      case F16 -> F16;
      default ->
          throw new IllegalArgumentException("dtype: " + dtype + " (expected: F32, BF16 or F16)");
    };
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  int code() {
    return code;
  }
}

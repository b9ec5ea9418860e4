package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.DType;

/** The formulas of GELU in float64, and the error function, which Java lacks. */
final class ReferenceGelu {
  /** Up to here the series needs no more terms than the fraction beyond needs. */
  private static final double SERIES_END = 3;

  private static final int FRACTION_TERMS = 60;

  private static final double SLOPE_OF_QUICK = 1.702;

  private ReferenceGelu() {}

  /** GELU of {@code x}, a composed one with its steps rounded to {@code type}. */
  static double of(Epilogue.Gelu.Kind kind, DType type, double x) {
    return switch (kind) {
      case TANH -> x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
      case COMPOSED_TANH -> x / 2 * Rounding.through(type, 1 + composedTanh(type, x));
      case ERF -> x * complement(-x / Math.sqrt(2)) / 2;
      case QUICK -> x * Rounding.through(type, sigmoid(Rounding.through(type, SLOPE_OF_QUICK * x)));
    };
  }

  /** tanh(√(2/π) · (x + 0.044715 · x³)), every step rounded. */
  private static double composedTanh(DType type, double x) {
    double cube = Rounding.through(type, Rounding.through(type, x * x) * x);
    double sum = Rounding.through(type, x + Rounding.through(type, 0.044715 * cube));
    double angle = Rounding.through(type, Math.sqrt(2 / Math.PI) * sum);
    return Rounding.through(type, Math.tanh(angle));
  }

  /** ½ · (1 + tanh(x / 2)), without its cancellation. */
  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** 1 − erf(x). */
  static double complement(double x) {
    if (x < 0) {
      return 2 - complement(-x);
    }
    return x < SERIES_END ? 1 - series(x) : fraction(x);
  }

  /** erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ·x^(2n+1) / (1·3·…·(2n+1)): nothing cancels. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 0x1p-54; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** 1 − erf(x) = e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 1½/(x + …)))), from the innermost term out. */
  private static double fraction(double x) {
    double rest = x;
    for (int n = FRACTION_TERMS; n > 0; n--) {
      rest = x + n / 2.0 / rest;
    }
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * rest);
  }
}

package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.Tensor;

/**
 * What becomes of the result {@code a} of a product, without a pass over memory of its own. Every
 * step rounds to the type of the output, R, as if it were an op that stores its result: {@code a}
 * is itself rounded, R(x·Wᵀ + b). Nothing of this touches float32.
 */
public sealed interface Epilogue {

  /** out = a. */
  record None() implements Epilogue {}

  /** out = R(a / (1 + exp(−a))). */
  record Silu() implements Epilogue {}

  /**
   * out = R(gelu(a)).
   *
   * @param kind which of the formulas that go by this name
   */
  record Gelu(Kind kind) implements Epilogue {

    /** Formulas of GELU. */
    public enum Kind {
      /** a · ½ · (1 + tanh(√(2/π) · (a + 0.044715 · a³))). */
      TANH,
      /**
       * As {@link #TANH}, but composed of steps that round: ½ · a · R(1 + R(tanh(R(√(2/π) · s)))),
       * s = R(a + R(0.044715 · R(R(a · a) · a))).
       */
      COMPOSED_TANH,
      /** a · ½ · (1 + erf(a / √2)). */
      ERF,
      /** a · R(1 / (1 + exp(−R(1.702 · a)))), composed of steps as well. */
      QUICK
    }
  }

  /**
   * out = R(a + bias): a bias that is added once the product is rounded, where the one of the
   * matrix is part of the product.
   *
   * @param bias (columns), the same for every row
   */
  record AddBias(Weight.Vector bias) implements Epilogue {}

  /**
   * out = R(factor · a), element by element.
   *
   * @param factor (rows, columns) as out; may not be out; fastest with the row stride of out
   */
  record Multiply(Tensor factor) implements Epilogue {}

  /**
   * out = R(residual + a).
   *
   * @param residual (rows, columns) as out; may be out itself, which is then updated in place
   */
  record Add(Tensor residual) implements Epilogue {}

  /**
   * out = R(residual + R(gate · a)).
   *
   * @param gate (1, columns), the same for every row; may not be out
   * @param residual (rows, columns) as out; may be out itself, which is then updated in place
   */
  record GatedAdd(Tensor gate, Tensor residual) implements Epilogue {}

  /** Stores the product as it is. */
  Epilogue NONE = new None();

  /** Applies SiLU. */
  Epilogue SILU = new Silu();

  /** Applies GELU in its tanh form. */
  Epilogue GELU_TANH = new Gelu(Gelu.Kind.TANH);

  /** Applies GELU in its tanh form, step by step. */
  Epilogue GELU_COMPOSED_TANH = new Gelu(Gelu.Kind.COMPOSED_TANH);

  /** Applies GELU as it is defined. */
  Epilogue GELU_ERF = new Gelu(Gelu.Kind.ERF);

  /** Applies GELU in its sigmoid form. */
  Epilogue GELU_QUICK = new Gelu(Gelu.Kind.QUICK);
}

package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.Tensor;

/**
 * What happens to the float32 result {@code a} of a product before it is stored, without a pass
 * over memory of its own. The whole epilogue is computed in float32; the stored value is rounded
 * once.
 */
public sealed interface Epilogue {

  /** out = a. */
  record None() implements Epilogue {}

  /** out = a / (1 + exp(−a)). */
  record Silu() implements Epilogue {}

  /**
   * out = factor · a, element by element.
   *
   * @param factor (rows, columns) as out; may not be out; fastest with the row stride of out
   */
  record Multiply(Tensor factor) implements Epilogue {}

  /**
   * out = residual + a.
   *
   * @param residual (rows, columns) as out; may be out itself, which is then updated in place
   */
  record Add(Tensor residual) implements Epilogue {}

  /**
   * out = residual + gate · a.
   *
   * @param gate (1, columns), the same for every row; may not be out
   * @param residual (rows, columns) as out; may be out itself, which is then updated in place
   */
  record GatedAdd(Tensor gate, Tensor residual) implements Epilogue {}

  /** Stores the product as it is. */
  Epilogue NONE = new None();

  /** Applies SiLU. */
  Epilogue SILU = new Silu();
}

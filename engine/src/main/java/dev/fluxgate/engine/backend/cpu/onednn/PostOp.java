package dev.fluxgate.engine.backend.cpu.onednn;

/** One step on a result before it is stored, in float32. */
public sealed interface PostOp {

  /** a / (1 + exp(−a)). */
  record Swish() implements PostOp {}

  /** a + what the destination held before: the only safe way to update it in place. */
  record Sum() implements PostOp {}

  /**
   * a · operand, broadcast along extents of 1.
   *
   * @param operand layout of the other factor
   */
  record Multiply(Descriptor operand) implements PostOp {}

  /**
   * a + operand.
   *
   * @param operand layout of the other summand
   */
  record Add(Descriptor operand) implements PostOp {}
}

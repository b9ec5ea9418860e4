package dev.fluxgate.engine.backend.cpu.onednn;

/** One step on a result before it is stored, in float32. */
public sealed interface PostOp {

  /** A function of a alone. */
  enum Activation implements PostOp {
    /** a / (1 + exp(−a)). */
    SILU(0x2c, 1),
    /** a · ½ · (1 + tanh(√(2/π) · (a + 0.044715 · a³))). */
    GELU_TANH(0x2b, 0),
    /** a · ½ · (1 + erf(a / √2)). */
    GELU_ERF(0x31, 0),
    /** a / (1 + exp(−1.702 · a)). */
    GELU_QUICK(0x2c, 1.702f);

    private final int algorithm;
    private final float slope;

    Activation(int algorithm, float slope) {
      this.algorithm = algorithm;
      this.slope = slope;
    }

    /** Number of the element-wise algorithm in oneDNN. */
    int algorithm() {
      return algorithm;
    }

    /** Its first parameter. */
    float slope() {
      return slope;
    }
  }

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

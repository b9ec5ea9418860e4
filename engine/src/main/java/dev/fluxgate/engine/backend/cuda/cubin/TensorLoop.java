package dev.fluxgate.engine.backend.cuda.cubin;

/**
 * A loop with products on tensor cores: what lies between the target of a branch backwards and that
 * branch, loops inside of it counted once.
 *
 * @param instructions all of them
 * @param products those that multiply
 */
public record TensorLoop(int instructions, int products) {

  /** Products of a hundred instructions. */
  public int percent() {
    return Math.round(100f * products / instructions);
  }
}

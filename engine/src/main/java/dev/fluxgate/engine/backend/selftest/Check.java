package dev.fluxgate.engine.backend.selftest;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * One call of an op.
 *
 * @param op name as in the op set, with what is special about the call
 * @param sizes extents, for people
 * @param type of weights and activations
 * @param scene places the inputs, calls the op, gives the output
 */
record Check(String op, String sizes, DType type, Scene scene) {

  /** Plays the call; the same inputs for every back end. */
  @FunctionalInterface
  interface Scene {
    Tensor play(CheckStage stage);
  }
}

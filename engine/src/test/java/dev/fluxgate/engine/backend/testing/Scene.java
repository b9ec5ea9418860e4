package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.tensor.Tensor;

/** One call of an op, played on the back end under test and on the oracle. */
@FunctionalInterface
interface Scene {

  /** Places the inputs, calls the op and gives the output to compare. */
  Tensor play(Stage stage);
}

package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.tensor.DType;

/** Gives the parts of the contract the back end they judge. */
interface ContractSubject {

  /** The back end under test. */
  Backend subject();

  /** A comparison of it with the oracle, for activations of {@code type}. */
  default Trial trial(DType type) {
    return new Trial(subject(), type);
  }
}

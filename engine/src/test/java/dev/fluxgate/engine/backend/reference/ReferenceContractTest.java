package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.testing.BackendContractTest;

/** The oracle against itself: layouts, places, refusals, and the one rounding at the store. */
final class ReferenceContractTest extends BackendContractTest {
  @Override
  protected Backend create() {
    return new ReferenceBackend();
  }
}

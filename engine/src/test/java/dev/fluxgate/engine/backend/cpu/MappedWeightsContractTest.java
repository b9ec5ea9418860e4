package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.onednn.NeedsOneDnn;
import dev.fluxgate.engine.backend.testing.BackendContractTest;

/** The contract on three threads, with weights left where they are stored. */
@NeedsOneDnn
final class MappedWeightsContractTest extends BackendContractTest {
  @Override
  protected Backend create() {
    return new CpuBackend(3, new PlacementPolicy(0));
  }
}

package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.onednn.NeedsOneDnn;
import dev.fluxgate.engine.backend.testing.BackendContractTest;

/** The contract on two threads, with packed weights. */
@NeedsOneDnn
final class CpuBackendTest extends BackendContractTest {
  @Override
  protected Backend create() {
    return new CpuBackend(2);
  }
}

package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.engine.backend.testing.BackendContractTest;

/** The contract, with transfers in small pieces. */
@NeedsCuda
final class CudaBackendTest extends BackendContractTest {
  @Override
  protected Backend create() {
    return new CudaBackend(0, 64 << 10, false);
  }
}

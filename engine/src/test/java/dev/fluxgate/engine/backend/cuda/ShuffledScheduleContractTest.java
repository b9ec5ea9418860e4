package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.engine.backend.testing.BackendContractTest;

/** The contract while the threads of a block run in any order: what is not waited for shows. */
@NeedsCuda(fake = true)
final class ShuffledScheduleContractTest extends BackendContractTest {
  @Override
  protected Backend create() {
    FakeCuda.seed(20261121);
    return new CudaBackend(0);
  }
}

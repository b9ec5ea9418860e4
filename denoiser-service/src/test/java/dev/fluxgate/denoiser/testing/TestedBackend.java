package dev.fluxgate.denoiser.testing;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.cuda.CudaBackend;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The back ends that every golden runs on. */
public enum TestedBackend {
  REFERENCE,
  CPU,
  /** The kernels on the emulated device, or on a real one if a driver is named. */
  CUDA;

  /** A new one, to be closed; skips the test where it cannot be had. */
  public Backend open() {
    return switch (this) {
      case REFERENCE -> new ReferenceBackend();
      case CPU -> new CpuBackend(2);
      case CUDA -> {
        FakeCuda.require();
        yield new CudaBackend(0);
      }
    };
  }

  /** Every case with every back end. */
  public static Stream<Arguments> each(Stream<GoldenCase> cases) {
    return cases.flatMap(
        golden -> Arrays.stream(values()).map(backend -> Arguments.of(golden, backend)));
  }
}

package dev.fluxgate.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.cuda.driver.CudaDeviceLostException;
import dev.fluxgate.engine.backend.cuda.driver.CudaLaunchException;
import dev.fluxgate.engine.backend.cuda.driver.CudaOutOfMemoryException;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda.Fault;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What goes wrong on a device, and what is left of it. */
@NeedsCuda(fake = true)
final class CudaFaultsTest {
  private static final HostTensor VALUES =
      HostTensor.of(DType.F32, Shape.of(2, 3), 1, -2, 3, -4, 5, -6);

  @Test
  void tellsHowMuchMemoryIsMissing() {
    FakeCuda.memory(8 << 20);
    try (CudaBackend backend = new CudaBackend(0);
        Workspace held = backend.workspace(3 << 20)) {
      assertThatThrownBy(() -> backend.workspace(6_000_000))
          .isInstanceOf(CudaOutOfMemoryException.class)
          .hasMessageContaining("6291456 bytes wanted")
          .hasMessageContaining("4194304 of 8388608 free")
          .hasMessageContaining("in use here 4194304 in 1 blocks");
      assertThat(backend.isLost()).isFalse();
      copiesThere(backend, held);
    }
  }

  @Test
  void givesUpWhatItKeepsBeforeItGivesUp() {
    FakeCuda.memory(8 << 20);
    try (CudaBackend backend = new CudaBackend(0)) {
      backend.workspace(5 << 20).close();
      assertThat(backend.ledger().pooledBytes()).isEqualTo(6 << 20);
      try (Workspace other = backend.workspace(7 << 20)) {
        assertThat(backend.ledger().pooledBytes()).isZero();
        copiesThere(backend, other);
      }
    }
  }

  @Test
  void worksOnAfterAnAllocationFailed() {
    try (CudaBackend backend = new CudaBackend(0)) {
      FakeCuda.inject(Fault.OUT_OF_MEMORY, 1);
      assertThatThrownBy(() -> backend.workspace(4096))
          .isInstanceOf(CudaOutOfMemoryException.class)
          .hasRootCauseMessage(
              "cuMemAlloc(4096 bytes): CUDA_ERROR_OUT_OF_MEMORY (2), "
                  + "out of memory (expected: success)");
      try (Workspace workspace = backend.workspace(4096)) {
        copiesThere(backend, workspace);
      }
    }
  }

  @Test
  void leavesNothingWhenAWeightFindsNoMemory() {
    try (CudaBackend backend = new CudaBackend(0)) {
      WeightStore weights = backend.weights(DType.F32);
      FakeCuda.inject(Fault.OUT_OF_MEMORY, 2);
      HostTensor bias = HostTensor.zeros(DType.F32, Shape.of(2));
      assertThatThrownBy(() -> weights.linear(VALUES, bias))
          .isInstanceOf(CudaOutOfMemoryException.class);
      weights.close();
      assertThat(backend.ledger().liveBlocks()).isZero();
    }
  }

  @Test
  void namesTheLaunchThatWasRefused() {
    try (CudaBackend backend = new CudaBackend(0);
        Workspace workspace = backend.workspace(4096)) {
      Tensor x = upload(backend, workspace);
      Tensor out = workspace.tensor(DType.F32, Shape.of(2, 3));
      long launches = FakeCuda.launches("silu_all");
      FakeCuda.inject(Fault.LAUNCH_REFUSED, 1);
      backend.copy(x, out);
      assertThatThrownBy(
              () -> {
                backend.silu(x, out);
                backend.download(out);
              })
          .isInstanceOf(CudaLaunchException.class)
          .hasMessageContaining("cuLaunchKernel(copy, grid (1, 2, 1), block 256, 0 bytes shared")
          .hasMessageContaining("operands [[2, 3], [2, 3]]")
          .hasMessageContaining("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701)");
      assertThat(FakeCuda.launches("silu_all")).as("ops behind a failed one").isEqualTo(launches);
      assertThat(backend.isLost()).isFalse();
      backend.copy(x, out);
      assertThat(backend.download(out).toFloats()).isEqualTo(VALUES.toFloats());
    }
  }

  @Test
  void throwsFromTheNextOpAtTheLatest() {
    try (CudaBackend backend = new CudaBackend(0);
        Workspace workspace = backend.workspace(4096)) {
      Tensor x = upload(backend, workspace);
      FakeCuda.inject(Fault.LAUNCH_REFUSED, 1);
      backend.silu(x, x);
      assertThatThrownBy(() -> backend.workspace(512)).isInstanceOf(CudaLaunchException.class);
      backend.workspace(512).close();
    }
  }

  @Test
  void refusesEverythingOnceAKernelHasGoneWrong() {
    CudaBackend backend = new CudaBackend(0);
    Workspace workspace = backend.workspace(4096);
    WeightStore weights = backend.weights(DType.F32);
    Tensor x = upload(backend, workspace);
    FakeCuda.inject(Fault.ILLEGAL_ADDRESS, 1);
    backend.silu(x, x);
    assertThatThrownBy(() -> backend.download(x))
        .isInstanceOf(CudaDeviceLostException.class)
        .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS (700)")
        .hasMessageContaining("last launches: silu_all, grid (1, 2, 1)");
    assertThat(backend.isLost()).isTrue();
    assertThatThrownBy(() -> backend.silu(x, x))
        .isInstanceOf(CudaDeviceLostException.class)
        .hasMessageContaining("the device was lost before")
        .hasRootCauseMessage(firstFailure(backend, x));
    assertThatThrownBy(() -> backend.workspace(64)).isInstanceOf(CudaDeviceLostException.class);
    assertThatThrownBy(() -> weights.vector(HostTensor.zeros(DType.F32, Shape.of(3))))
        .isInstanceOf(CudaDeviceLostException.class);
    weights.close();
    workspace.close();
    backend.close();
    assertThat(backend.ledger().liveBlocks()).isZero();
    assertThat(backend.ledger().pooledBytes()).isZero();
    works();
  }

  @Test
  void comesBackWhenTheDeviceDoes() {
    CudaBackend backend = new CudaBackend(0);
    Workspace workspace = backend.workspace(4096);
    Tensor x = upload(backend, workspace);
    FakeCuda.inject(Fault.DEVICE_LOST, 1);
    assertThatThrownBy(() -> backend.download(x))
        .isInstanceOf(CudaDeviceLostException.class)
        .hasMessageContaining("CUDA_ERROR_UNKNOWN (999)");
    workspace.close();
    backend.close();
    assertThat(CudaBackend.whyUnavailable(0)).get().asString().contains("CUDA_ERROR_UNKNOWN (999)");
    FakeCuda.reset();
    works();
  }

  @Test
  void isLostWhenACopyFails() {
    CudaBackend backend = new CudaBackend(0);
    Workspace workspace = backend.workspace(4096);
    Tensor x = upload(backend, workspace);
    FakeCuda.inject(Fault.COPY_FAILED, 1);
    assertThatThrownBy(() -> backend.download(x))
        .isInstanceOf(CudaDeviceLostException.class)
        .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED (719)");
    workspace.close();
    backend.close();
    works();
  }

  @Test
  void closesWithoutThrowingWhateverIsUnderWay() {
    CudaBackend backend = new CudaBackend(0);
    Workspace workspace = backend.workspace(4096);
    Tensor x = upload(backend, workspace);
    FakeCuda.inject(Fault.ILLEGAL_ADDRESS, 1);
    backend.silu(x, x);
    workspace.close();
    backend.close();
    backend.close();
    works();
  }

  @Test
  void opensAgainAfterOpeningFailed() {
    FakeCuda.inject(Fault.DEVICE_LOST, 20);
    assertThatThrownBy(() -> new CudaBackend(0)).isInstanceOf(RuntimeException.class);
    FakeCuda.reset();
    works();
  }

  private static String firstFailure(CudaBackend backend, Tensor x) {
    try {
      backend.silu(x, x);
      throw new AssertionError("no failure");
    } catch (CudaDeviceLostException e) {
      return String.valueOf(e.getCause() == null ? null : e.getCause().getMessage());
    }
  }

  private static void works() {
    try (CudaBackend backend = new CudaBackend(0);
        Workspace workspace = backend.workspace(4096)) {
      copiesThere(backend, workspace);
    }
  }

  private static void copiesThere(CudaBackend backend, Workspace workspace) {
    Tensor x = upload(backend, workspace);
    Tensor out = workspace.tensor(DType.F32, Shape.of(2, 3));
    backend.copy(x, out);
    assertThat(backend.download(out).toFloats()).isEqualTo(VALUES.toFloats());
  }

  private static Tensor upload(CudaBackend backend, Workspace workspace) {
    Tensor x = workspace.tensor(DType.F32, Shape.of(2, 3));
    backend.upload(VALUES, x);
    return x;
  }
}

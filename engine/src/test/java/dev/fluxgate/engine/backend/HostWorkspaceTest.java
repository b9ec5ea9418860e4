package dev.fluxgate.engine.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.failure.WorkspaceExhaustedException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** A plan counts what the memory then takes. */
final class HostWorkspaceTest {

  @Test
  void takesExactlyWhatThePlanCounted() {
    long planned = WorkspacePlan.bytes(HostWorkspaceTest::layOut);
    try (HostWorkspace workspace = new HostWorkspace(planned)) {
      layOut(workspace);
      assertThat(workspace.peakBytes()).isEqualTo(planned);
    }
    // (64 + 128) stay; 256 and, in its place, 192 come and go.
    assertThat(planned).isEqualTo(64 + 128 + 256);
  }

  @Test
  void alignsEveryTensor() {
    try (HostWorkspace workspace = new HostWorkspace(1024)) {
      for (int i = 0; i < 4; i++) {
        Tensor tensor = workspace.tensor(DType.BF16, Shape.of(1, 3));
        assertThat(tensor.storage())
            .isInstanceOfSatisfying(
                Storage.Host.class,
                host -> assertThat(host.segment().address() % Workspace.ALIGNMENT).isZero());
      }
      assertThat(workspace.mark()).isEqualTo(4 * Workspace.ALIGNMENT);
    }
  }

  @Test
  void handsOutAReleasedPlaceAgain() {
    try (HostWorkspace workspace = new HostWorkspace(256)) {
      long mark = workspace.mark();
      Tensor first = workspace.tensor(DType.F32, Shape.of(4, 4));
      workspace.release(mark);
      Tensor second = workspace.tensor(DType.F32, Shape.of(2, 8));
      assertThat(address(second)).isEqualTo(address(first));
      assertThat(workspace.peakBytes()).isEqualTo(64);
    }
  }

  @Test
  void tellsHowFarItIsExhausted() {
    try (HostWorkspace workspace = new HostWorkspace(128)) {
      workspace.tensor(DType.F32, Shape.of(16));
      assertThatThrownBy(() -> workspace.tensor(DType.F32, Shape.of(17)))
          .isInstanceOf(WorkspaceExhaustedException.class)
          .hasMessage("workspace: 192 bytes (expected: at most the planned 128)");
      assertThat(workspace.tensor(DType.F32, Shape.of(16)).shape()).isEqualTo(Shape.of(16));
    }
  }

  @Test
  void takesNoMemoryForNothing() {
    try (HostWorkspace workspace = new HostWorkspace(0)) {
      assertThat(workspace.tensor(DType.F32, Shape.of(0, 8)).rows()).isZero();
      assertThat(workspace.peakBytes()).isZero();
    }
  }

  @Test
  void closesTwiceAndThenHasNoMemory() {
    HostWorkspace workspace = new HostWorkspace(64);
    Tensor tensor = workspace.tensor(DType.F32, Shape.of(4));
    workspace.close();
    workspace.close();
    assertThat(tensor.storage())
        .isInstanceOfSatisfying(
            Storage.Host.class, host -> assertThat(host.segment().scope().isAlive()).isFalse());
  }

  @Test
  void plansWithoutMemory() {
    WorkspacePlan plan = new WorkspacePlan();
    Tensor tensor = plan.tensor(DType.BF16, Shape.of(1 << 20, 1 << 20));
    assertThat(tensor.storage()).isEqualTo(new Storage.Planned(1L << 41));
    assertThat(plan.peakBytes()).isEqualTo(1L << 41);
    plan.close();
    assertThat(plan.mark()).isZero();
  }

  private static void layOut(Workspace workspace) {
    workspace.tensor(DType.F32, Shape.of(1, 3));
    workspace.tensor(DType.BF16, Shape.of(8, 8));
    long mark = workspace.mark();
    workspace.tensor(DType.F32, Shape.of(8, 8));
    workspace.release(mark);
    workspace.tensor(DType.F32, Shape.of(3, 11));
  }

  private static long address(Tensor tensor) {
    return switch (tensor.storage()) {
      case Storage.Host host -> host.segment().address();
      case Storage.Planned _, Storage.Device _ -> throw new AssertionError("planned");
    };
  }
}

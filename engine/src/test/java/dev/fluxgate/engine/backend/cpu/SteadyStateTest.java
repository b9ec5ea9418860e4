package dev.fluxgate.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.cpu.onednn.NeedsOneDnn;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a back end takes and gives back over its life. */
@NeedsOneDnn
final class SteadyStateTest {
  private static final int ROWS = 48;
  private static final int WIDTH = 64;

  @Test
  void takesNothingMoreOnceItHasMetTheShapes() {
    try (CpuBackend backend = new CpuBackend(2);
        WeightStore store = backend.weights(DType.BF16);
        Workspace workspace = backend.workspace(1 << 20)) {
      Step step = new Step(backend, store, workspace);
      step.run();
      long taken = backend.ledger().taken();
      for (int i = 0; i < 20; i++) {
        step.run();
      }
      assertThat(backend.ledger().taken()).isEqualTo(taken);
    }
  }

  @Test
  void endsItsThreadsAndFreesAllWhenClosed() {
    CpuBackend backend = new CpuBackend(3);
    try (WeightStore store = backend.weights(DType.BF16);
        Workspace workspace = backend.workspace(1 << 20)) {
      new Step(backend, store, workspace).run();
    }
    backend.close();
    backend.close();
    assertThat(backend.ledger().live()).isZero();
    assertThat(backend.description()).contains("3 threads");
  }

  /** Ops of every kind, as a step loop calls them. */
  private static final class Step {
    private final CpuBackend backend;
    private final Weight.Linear linear;
    private final Weight.Convolution filter;
    private final GroupNorm norm;
    private final Tensor x;
    private final Tensor y;

    Step(CpuBackend backend, WeightStore store, Workspace workspace) {
      this.backend = backend;
      linear = store.linear(HostTensor.zeros(DType.F32, Shape.of(WIDTH, WIDTH)), null);
      filter = store.convolution(HostTensor.zeros(DType.F32, Shape.of(WIDTH, WIDTH, 3, 3)), null);
      Weight.Vector ones = store.vector(HostTensor.zeros(DType.F32, Shape.of(WIDTH)));
      norm = new GroupNorm(ones, ones, 8, 1e-6f);
      x = workspace.tensor(DType.BF16, Shape.of(ROWS, WIDTH));
      y = workspace.tensor(DType.BF16, Shape.of(ROWS, WIDTH));
    }

    void run() {
      AttentionGeometry geometry = AttentionGeometry.self(ROWS, 4, WIDTH / 4);
      AttentionMask causal = new AttentionMask.Causal(List.of(new AttentionMask.KeyRange(0, ROWS)));
      backend.linear(x, linear, Epilogue.SILU, y);
      backend.linear(x, linear, new Epilogue.Add(y), y);
      backend.linear(x, linear, Epilogue.GELU_ERF, y);
      backend.attention(x, x, x, geometry, AttentionMask.FULL, y);
      backend.attention(x, x, x, geometry, causal, y);
      Tensor picture = x.reshape(1, 6, 8, WIDTH);
      Tensor result = y.reshape(1, 6, 8, WIDTH);
      backend.convolve(picture, filter, new ConvolutionGeometry(1, 1, 1), Epilogue.NONE, result);
      backend.groupNorm(picture, norm, Epilogue.SILU, result);
      backend.silu(x, x);
    }
  }
}

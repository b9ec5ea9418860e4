package dev.fluxgate.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.AttentionMask.KeyRange;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only this back end does: it chooses kernels, cuts batches and keeps its memory. */
@NeedsCuda(fake = true)
final class CudaBackendOpsTest {
  private static final long BYTES = 4 << 20;

  private final Random random = new Random(20261121);
  private CudaBackend backend;
  private Workspace workspace;

  @BeforeEach
  void open() {
    backend = new CudaBackend(0);
    workspace = backend.workspace(BYTES);
  }

  @AfterEach
  void close() {
    workspace.close();
    backend.close();
  }

  @Test
  void describesItself() {
    assertThat(backend.name()).isEqualTo("cuda");
    assertThat(backend.description())
        .isEqualTo(
            "cuda: Fluxgate emulator, compute capability 8.6, 4096 MiB, driver for CUDA 12.6, "
                + "kernels as ptx");
  }

  @Test
  void choosesTheKernelOfAProduct() {
    launches("linear_bf16_128", () -> linear(DType.BF16, 128, 128, 64, 64));
    launches("linear_bf16_64", () -> linear(DType.BF16, 127, 128, 64, 64));
    launches("linear_bf16_64", () -> linear(DType.BF16, 128, 65, 64, 64));
    launches("linear_bf16_64", () -> linear(DType.BF16, 9, 13, 60, 64));
    launches("linear_bf16_any", () -> linear(DType.BF16, 9, 13, 60, 60));
    launches("linear_f32", () -> linear(DType.F32, 128, 128, 64, 64));
  }

  @Test
  void choosesTheKernelOfAttention() {
    launches("attention_bf16_64", () -> attend(DType.BF16, 64, 1, AttentionMask.FULL));
    launches("attention_bf16_128", () -> attend(DType.BF16, 128, 1, AttentionMask.FULL));
    launches("attention_any", () -> attend(DType.BF16, 72, 1, AttentionMask.FULL));
    launches("attention_any", () -> attend(DType.F32, 64, 1, AttentionMask.FULL));
  }

  @Test
  void masksMoreSequencesThanOneLaunchTakes() {
    int batch = 70;
    AttentionMask mask =
        new AttentionMask.Causal(
            IntStream.range(0, batch).mapToObj(b -> new KeyRange(b % 3, 3 + b % 2)).toList());
    long before = FakeCuda.launches("attention_any");
    HostTensor actual = attend(DType.F32, 8, batch, mask);
    assertThat(FakeCuda.launches("attention_any") - before).isEqualTo(3);
    HostTensor expected;
    try (ReferenceBackend reference = new ReferenceBackend();
        Workspace memory = reference.workspace(BYTES)) {
      random.setSeed(20261121);
      expected = attend(reference, memory, DType.F32, 8, batch, mask);
    }
    assertThat(actual.toFloats()).containsExactly(expected.toFloats(), Offset.offset(1e-5f));
  }

  @Test
  void takesNothingOnceItHasMetAShape() {
    try (WeightStore weights = backend.weights(DType.F32)) {
      Weight.Vector ones = weights.vector(uniform(DType.F32, 32));
      GroupNorm norm = new GroupNorm(ones, ones, 8, 1e-6f);
      Tensor x = upload(uniform(DType.F32, 2, 20, 30, 32));
      Tensor out = workspace.tensor(DType.F32, x.shape());
      Runnable round =
          () -> {
            backend.groupNorm(x, norm, Epilogue.SILU, out);
            backend.silu(x, out);
            backend.download(out);
          };
      round.run();
      long allocations = backend.ledger().allocations();
      long objects = FakeCuda.liveObjects();
      round.run();
      round.run();
      assertThat(backend.ledger().allocations()).isEqualTo(allocations);
      assertThat(FakeCuda.liveObjects()).isEqualTo(objects);
    }
  }

  @Test
  void sharesTheDeviceWithAnother() {
    HostTensor values = uniform(DType.F32, 3, 5);
    Tensor x = upload(values);
    try (CudaBackend other = new CudaBackend(0);
        Workspace memory = other.workspace(4096)) {
      Tensor y = upload(other, memory, values);
      other.silu(y, y);
      backend.silu(x, x);
      assertThat(other.download(y).toFloats()).isEqualTo(backend.download(x).toFloats());
    }
    backend.copy(x, x);
    assertThat(backend.download(x).toFloats()).doesNotContain(Float.NaN);
  }

  @Test
  void givesTheMemoryOfAJobToTheNext() {
    long allocations = backend.ledger().allocations();
    for (int i = 0; i < 3; i++) {
      backend.workspace(3 << 20).close();
    }
    assertThat(backend.ledger().allocations()).isEqualTo(allocations + 1);
  }

  @Test
  void refusesAnInputOfAnotherTypeThanTheWeight() {
    try (WeightStore weights = backend.weights(DType.BF16)) {
      Weight.Linear weight = weights.linear(uniform(DType.BF16, 3, 4), null);
      Tensor x = upload(uniform(DType.F32, 2, 4));
      Tensor out = workspace.tensor(DType.F32, Shape.of(2, 3));
      assertThatThrownBy(() -> backend.linear(x, weight, Epilogue.NONE, out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("linear: x of F32 (expected: BF16 as the weight)");
    }
  }

  @Test
  void refusesWeightsAndTensorsOfOthers() {
    try (ReferenceBackend reference = new ReferenceBackend();
        WeightStore weights = reference.weights(DType.F32);
        Workspace memory = reference.workspace(4096)) {
      Weight.Linear weight = weights.linear(uniform(DType.F32, 3, 4), null);
      Tensor x = upload(uniform(DType.F32, 2, 4));
      Tensor out = workspace.tensor(DType.F32, Shape.of(2, 3));
      assertThatThrownBy(() -> backend.linear(x, weight, Epilogue.NONE, out))
          .hasMessageContaining("expected: one prepared by the cuda back end");
      Tensor host = memory.tensor(DType.F32, Shape.of(2, 3));
      assertThatThrownBy(() -> backend.copy(host, out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: memory of a device");
    }
  }

  @Test
  void refusesMoreThanItsWorkspaceHolds() {
    assertThatThrownBy(() -> workspace.tensor(DType.F32, Shape.of(BYTES)))
        .hasMessageContaining("expected: at most the planned " + BYTES);
  }

  @Test
  void takesTensorsWithoutElements() {
    Tensor empty = workspace.tensor(DType.F32, Shape.of(0, 5));
    backend.copy(empty, empty);
    backend.upload(HostTensor.zeros(DType.F32, Shape.of(0, 5)), empty);
    assertThat(backend.download(empty).toFloats()).isEmpty();
  }

  private void launches(String kernel, Runnable op) {
    long before = FakeCuda.launches(kernel);
    op.run();
    assertThat(FakeCuda.launches(kernel) - before).as(kernel).isEqualTo(1);
  }

  private void linear(DType type, int rows, int outputs, int inputs, int stride) {
    long mark = workspace.mark();
    try (WeightStore weights = backend.weights(type)) {
      Weight.Linear weight = weights.linear(uniform(type, outputs, inputs), null);
      Tensor x = upload(uniform(type, rows, stride)).columns(0, inputs);
      Tensor out = workspace.tensor(type, Shape.of(rows, outputs));
      backend.linear(x, weight, Epilogue.NONE, out);
      backend.download(out);
    }
    workspace.release(mark);
  }

  private HostTensor attend(DType type, int headDim, int batch, AttentionMask mask) {
    return attend(backend, workspace, type, headDim, batch, mask);
  }

  private HostTensor attend(
      Backend subject, Workspace memory, DType type, int headDim, int batch, AttentionMask mask) {
    AttentionGeometry geometry = new AttentionGeometry(batch, 4, 4, 2, 1, headDim);
    Tensor q = upload(subject, memory, uniform(type, batch * 4L, 2L * headDim));
    Tensor k = upload(subject, memory, uniform(type, batch * 4L, headDim));
    Tensor v = upload(subject, memory, uniform(type, batch * 4L, headDim));
    Tensor out = memory.tensor(type, q.shape());
    subject.attention(q, k, v, geometry, mask, out);
    return subject.download(out);
  }

  private Tensor upload(HostTensor values) {
    return upload(backend, workspace, values);
  }

  private static Tensor upload(Backend subject, Workspace memory, HostTensor values) {
    Tensor tensor = memory.tensor(values.dtype(), values.shape());
    subject.upload(values, tensor);
    return tensor;
  }

  private HostTensor uniform(DType type, long... dims) {
    HostTensor values = HostTensor.zeros(type, Shape.of(dims));
    for (long i = 0; i < values.shape().count(); i++) {
      values.set(i, 2 * random.nextFloat() - 1);
    }
    return values;
  }
}

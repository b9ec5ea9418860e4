package dev.fluxgate.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.cpu.onednn.NeedsOneDnn;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where weights lie, and that it makes no difference to what they give. */
@NeedsOneDnn
final class CpuWeightsTest {
  private static final int INPUTS = 40;
  private static final int OUTPUTS = 200;
  private static final PlacementPolicy MAP = new PlacementPolicy(0);

  private final Arena file = Arena.ofShared();

  @AfterEach
  void close() {
    file.close();
  }

  @Test
  void usesAMappedMatrixInPlace() {
    try (CpuBackend backend = new CpuBackend(2, MAP);
        WeightStore store = backend.weights(DType.BF16)) {
      Weight.Linear linear = store.linear(stored(DType.BF16, 0), null);
      assertThat(linear.residentBytes()).isZero();
      assertThat(store.residentBytes()).isZero();
    }
  }

  @Test
  void packsWhileTheBudgetLastsAndMapsTheRest() {
    HostTensor matrix = stored(DType.F32, 0);
    long bytes = matrix.data().byteSize();
    try (CpuBackend backend = new CpuBackend(1, new PlacementPolicy(bytes + bytes / 2));
        WeightStore store = backend.weights(DType.F32);
        WeightStore other = backend.weights(DType.F32)) {
      assertThat(store.linear(matrix, null).residentBytes()).isGreaterThanOrEqualTo(bytes);
      assertThat(other.linear(matrix, null).residentBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16", "F16", "F64"})
  void givesTheSamePackedAndInPlace(DType dtype) {
    HostTensor matrix = stored(dtype, 0);
    assertThat(product(MAP, matrix))
        .isEqualTo(product(new PlacementPolicy(Long.MAX_VALUE), matrix));
  }

  @Test
  void copiesAMatrixThatLiesAtAnOddByte() {
    try (CpuBackend backend = new CpuBackend(2, MAP);
        WeightStore store = backend.weights(DType.BF16)) {
      assertThat(store.linear(stored(DType.BF16, 1), null).residentBytes()).isPositive();
    }
    assertThat(product(MAP, stored(DType.BF16, 1))).isEqualTo(product(MAP, stored(DType.BF16, 0)));
  }

  @Test
  void takesSomeRowsOfAMatrix() {
    HostTensor matrix = stored(DType.BF16, 0);
    float[] all = product(MAP, matrix);
    float[] some = product(MAP, matrix.slice(37, 70));
    for (int i = 0; i < some.length; i++) {
      int row = i / 70;
      assertThat(some[i]).isEqualTo(all[row * OUTPUTS + 37 + i % 70]);
    }
  }

  @Test
  void keepsNoMemoryOfAFileOfWhichAllIsPacked(@TempDir Path folder) throws IOException {
    Path smaps = Path.of("/proc/self/smaps");
    assumeTrue(Files.exists(smaps), "only Linux tells what a mapping takes");
    int side = 1024;
    Path path = Files.write(folder.resolve("matrix"), new byte[side * side * Float.BYTES]);
    try (FileChannel channel = FileChannel.open(path);
        CpuBackend backend = new CpuBackend(2, new PlacementPolicy(Long.MAX_VALUE));
        WeightStore store = backend.weights(DType.F32)) {
      MemorySegment bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), this.file);
      HostTensor matrix = new HostTensor(DType.F32, Shape.of(side, side), bytes);
      assertThat(matrix.toFloats()).containsOnly(0);
      assertThat(residentKib(smaps, path)).isEqualTo(bytes.byteSize() >> 10);

      store.linear(matrix, null);
      assertThat(residentKib(smaps, path)).isZero();

      store.convolution(matrix.reshape(side / 4, side / 4, 4, 4), null);
      assertThat(residentKib(smaps, path)).isZero();
    }
  }

  /** What the mapping of {@code file} holds of the machine's memory. */
  private static long residentKib(Path smaps, Path file) throws IOException {
    List<String> lines = Files.readAllLines(smaps);
    int mapping = 0;
    while (!lines.get(mapping).endsWith(file.toString())) {
      mapping++;
    }
    String resident =
        lines.subList(mapping, lines.size()).stream()
            .filter(line -> line.startsWith("Rss:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(resident.replaceAll("\\D", ""));
  }

  @Test
  void freesEverythingWhenClosedOnceOrTwice() {
    try (CpuBackend backend = new CpuBackend(2)) {
      WeightStore store = backend.weights(DType.F32);
      store.convolution(HostTensor.zeros(DType.F32, Shape.of(4, 3, 3, 3)), null);
      store.convolution(HostTensor.zeros(DType.F32, Shape.of(4, 3, 3, 3)), null);
      long before = backend.ledger().live();
      store.close();
      assertThat(backend.ledger().live()).isLessThan(before);
      long after = backend.ledger().live();
      store.close();
      assertThat(backend.ledger().live()).isEqualTo(after);
      assertThatThrownBy(() -> store.vector(HostTensor.of(DType.F32, Shape.of(1), 1f)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("weight store: closed (expected: open)");
    }
  }

  @Test
  void refusesActivationsOfAnotherType() {
    try (CpuBackend backend = new CpuBackend(1);
        WeightStore store = backend.weights(DType.F32);
        Workspace workspace = backend.workspace(1 << 16)) {
      Weight.Linear linear = store.linear(stored(DType.F32, 0), null);
      Tensor x = workspace.tensor(DType.BF16, Shape.of(2, INPUTS));
      Tensor out = workspace.tensor(DType.F32, Shape.of(2, OUTPUTS));
      assertThatThrownBy(() -> backend.linear(x, linear, Epilogue.NONE, out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("linear: x of BF16 (expected: F32 as the weight)");
    }
  }

  /** A matrix in native memory, {@code skew} bytes after an aligned address. */
  private HostTensor stored(DType dtype, int skew) {
    Shape shape = Shape.of(OUTPUTS, INPUTS);
    long bytes = dtype.bytes(shape.count());
    MemorySegment block = file.allocate(bytes + skew, 64).asSlice(skew, bytes);
    HostTensor matrix = new HostTensor(dtype, shape, block);
    Random random = new Random(7);
    for (long i = 0; i < shape.count(); i++) {
      // Few bits, so that every order of summation gives the same.
      matrix.set(i, (random.nextInt(17) - 8) / 8f);
    }
    return matrix;
  }

  private static float[] product(PlacementPolicy policy, HostTensor matrix) {
    DType type = matrix.dtype() == DType.BF16 ? DType.BF16 : DType.F32;
    int rows = 5;
    try (CpuBackend backend = new CpuBackend(2, policy);
        WeightStore store = backend.weights(type);
        Workspace workspace = backend.workspace(1 << 16)) {
      Tensor x = workspace.tensor(type, Shape.of(rows, INPUTS));
      HostTensor ramp = HostTensor.zeros(type, x.shape());
      for (int i = 0; i < rows * INPUTS; i++) {
        ramp.set(i, (i * 5 % 13 - 6) / 4f);
      }
      backend.upload(ramp, x);
      Tensor out = workspace.tensor(DType.F32, Shape.of(rows, matrix.shape().dim(0)));
      backend.linear(x, store.linear(matrix, null), Epilogue.NONE, out);
      return backend.download(out).toFloats();
    }
  }
}

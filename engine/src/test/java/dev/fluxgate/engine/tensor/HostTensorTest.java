package dev.fluxgate.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HostTensorTest {

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16", "F16", "F64"})
  void holdsEveryFloatType(DType type) {
    HostTensor tensor = HostTensor.of(type, Shape.of(2, 2), 1.5f, -2, 0, 0.25f);
    assertThat(tensor.toFloats()).containsExactly(1.5f, -2, 0, 0.25f);
    assertThat(tensor.getDouble(3)).isEqualTo(0.25);
    assertThat(tensor.data().byteSize()).isEqualTo(type.bytes(4));
  }

  @Test
  void readsLittleEndianIntegers() {
    byte[] bytes = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 1, 0, 0, 0};
    MemorySegment data = MemorySegment.ofArray(bytes);
    assertThat(new HostTensor(DType.I32, Shape.of(2), data).getLong(0)).isEqualTo(-1);
    assertThat(new HostTensor(DType.U32, Shape.of(2), data).getLong(0)).isEqualTo(0xFFFFFFFFL);
    assertThat(new HostTensor(DType.I32, Shape.of(2), data).getLong(1)).isEqualTo(1);
    assertThat(new HostTensor(DType.I64, Shape.of(1), data).getLong(0)).isEqualTo(0x1FFFFFFFFL);
    assertThat(new HostTensor(DType.I16, Shape.of(4), data).getLong(2)).isEqualTo(1);
    assertThat(new HostTensor(DType.U16, Shape.of(4), data).getLong(0)).isEqualTo(0xFFFF);
    assertThat(new HostTensor(DType.I8, Shape.of(8), data).get(0)).isEqualTo(-1);
    assertThat(new HostTensor(DType.U8, Shape.of(8), data).get(0)).isEqualTo(255);
  }

  @Test
  void readsAtAnyByte() {
    HostTensor values = HostTensor.of(DType.F32, Shape.of(2), 3, 4);
    MemorySegment file = MemorySegment.ofArray(new byte[9]);
    file.asSlice(1).copyFrom(values.data());
    assertThat(new HostTensor(DType.F32, Shape.of(2), file.asSlice(1)).toFloats())
        .containsExactly(3, 4);
  }

  @Test
  void convertsWithOneRounding() {
    HostTensor tensor = HostTensor.of(DType.F32, Shape.of(2), 0x1.01p0f, 0x1.03p0f);
    assertThat(tensor.to(DType.BF16).toFloats()).containsExactly(1, 0x1.04p0f);
    assertThat(tensor.to(DType.F32)).isSameAs(tensor);
  }

  @Test
  void viewsSlicesAndOtherShapes() {
    HostTensor tensor = HostTensor.of(DType.F32, Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    HostTensor rows = tensor.slice(1, 2);
    assertThat(rows.shape()).isEqualTo(Shape.of(2, 2));
    assertThat(rows.toFloats()).containsExactly(3, 4, 5, 6);
    rows.set(0, 30);
    assertThat(tensor.reshape(2, 3).get(2)).isEqualTo(30);
    assertThat(HostTensor.zeros(DType.F32, Shape.of(0, 2)).slice(0, 0).shape())
        .isEqualTo(Shape.of(0, 2));
  }

  @Test
  void readsTheSameFromAFileThatWasUnloaded(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("values"), new byte[] {1, 2, 3, 4});
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, 4, arena);
      HostTensor tensor = new HostTensor(DType.U8, Shape.of(4), bytes).slice(1, 3);
      tensor.unload();
      assertThat(tensor.toFloats()).containsExactly(2, 3, 4);
    }
    HostTensor onHeap = HostTensor.of(DType.F32, Shape.of(1), 7);
    onHeap.unload();
    assertThat(onHeap.toFloats()).containsExactly(7);
  }

  @Test
  void refusesBytesThatAreNotThoseOfTheShape() {
    MemorySegment data = MemorySegment.ofArray(new byte[10]);
    Shape shape = Shape.of(3);
    assertThatThrownBy(() -> new HostTensor(DType.F32, shape, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data: 10 bytes (expected: 12 for F32 [3])");
    HostTensor tensor = HostTensor.zeros(DType.F32, shape);
    assertThatThrownBy(() -> tensor.reshape(4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tensor.slice(2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesTypesThatAreNoPlainNumbers() {
    HostTensor packed = HostTensor.zeros(DType.F4, Shape.of(2));
    assertThat(packed.data().byteSize()).isEqualTo(1);
    assertThatThrownBy(() -> packed.get(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F4");
    HostTensor integers = HostTensor.ofInts(Shape.of(1), 7);
    assertThatThrownBy(() -> integers.set(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("I32");
    assertThatThrownBy(() -> DType.F4.bytes(3)).isInstanceOf(ArithmeticException.class);
  }
}

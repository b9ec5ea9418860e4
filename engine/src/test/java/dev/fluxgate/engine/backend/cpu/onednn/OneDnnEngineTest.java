package dev.fluxgate.engine.backend.cpu.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@NeedsOneDnn
final class OneDnnEngineTest {
  private final OneDnnEngine engine = new OneDnnEngine(1);
  private final NativeScope scope = engine.scope();

  @AfterEach
  void close() {
    scope.close();
    engine.close();
    assertThat(engine.ledger().live()).isZero();
  }

  @Test
  void multipliesWithSpacedRows() {
    Descriptor x = scope.matrix(OneDnnType.F32, 2, 2, 3);
    Descriptor weights = scope.matrix(OneDnnType.F32, 2, 1, 1);
    Descriptor result = scope.matrix(OneDnnType.F32, 2, 1, 1);
    MemorySegment values = floats(1, 2, 99, 3, 4);
    MemorySegment column = floats(10, 1);
    MemorySegment out = scope.allocate(8);
    try (Primitive product = engine.matmul(Operands.plain(x, weights, result), "product")) {
      product.execute(0, values.address(), column.address(), out.address());
    }
    assertThat(out.getAtIndex(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(12f);
    assertThat(out.getAtIndex(ValueLayout.JAVA_FLOAT, 1)).isEqualTo(34f);
  }

  @Test
  void namesCallAndSubjectOfAFailure() {
    Descriptor x = scope.matrix(OneDnnType.F32, 2, 3, 3);
    Descriptor weights = scope.matrix(OneDnnType.F32, 4, 5, 5);
    Operands operands = Operands.plain(x, weights, x);
    assertThatThrownBy(() -> engine.matmul(operands, "[2, 3] x [4, 5]"))
        .isInstanceOf(OneDnnException.class)
        .hasMessage(
            "dnnl_matmul_primitive_desc_create of [2, 3] x [4, 5]: invalid arguments"
                + " (expected: success)");
  }

  @Test
  void hasFastProductsOfFloat32() {
    assertThat(engine.hasFastProducts(OneDnnType.F32)).isTrue();
  }

  @Test
  void tellsVersionAndInstructionSet() {
    assertThat(OneDnnEngine.version()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(OneDnnEngine.instructionSet()).isNotBlank();
    assertThat(InstructionSet.name(0xe7)).isEqualTo("AVX-512 BF16");
    assertThat(InstructionSet.name(0)).isEqualTo("base instruction set");
  }

  @Test
  void hasNoTypeForIntegers() {
    assertThatThrownBy(() -> OneDnnType.of(DType.I32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dtype: I32 (expected: F32, BF16 or F16)");
  }

  private MemorySegment floats(float... values) {
    MemorySegment block = scope.allocate(4L * values.length);
    MemorySegment.copy(values, 0, block, ValueLayout.JAVA_FLOAT, 0, values.length);
    return block;
  }
}

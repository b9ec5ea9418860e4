package dev.fluxgate.engine.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TorchGeneratorTest {

  /** Hashes of torch 2.13's own bytes for seed 42 (formats spec §7.2 and §7.3). */
  @ParameterizedTest
  @CsvSource({
    "F32, 17, 2ae700cddb7c7bef",
    "F32, 32, 772cacc71bc58214",
    "F32, 32768, 2d20b77660fde17a",
    "F32, 524288, 0d1f7de77a0539b4",
    "BF16, 17, 6f1793cf4864fc36",
    "BF16, 32, 70e396ce5a8dabc5",
    "BF16, 32768, bfcf97716cec1276",
    "BF16, 524288, 339a22e514bd1342",
  })
  void drawsTheVeryBitsOfTorch(DType dtype, long count, String hash)
      throws NoSuchAlgorithmException {
    HostTensor noise = new TorchGenerator(42).randn(Shape.of(count), dtype);
    byte[] bytes = noise.data().toArray(ValueLayout.JAVA_BYTE);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
    assertThat(HexFormat.of().formatHex(digest)).startsWith(hash);
  }

  @Test
  void seedsWithTheLow32Bits() {
    float[] expected = noise(42);
    assertThat(noise(42 + (7L << 32))).isEqualTo(expected);
    assertThat(noise(-1)).isEqualTo(noise(0xFFFF_FFFFL)).isNotEqualTo(expected);
  }

  @Test
  void keepsTheSecondNormalOfAPairForTheNextSmallDraw() {
    TorchGenerator pair = new TorchGenerator(5);
    float[] both = pair.randn(Shape.of(2), DType.F32).toFloats();
    TorchGenerator single = new TorchGenerator(5);
    assertThat(single.randn(Shape.of(1), DType.F32).toFloats()).containsExactly(both[0]);
    single.randn(Shape.of(16), DType.F32);
    assertThat(single.randn(Shape.of(), DType.F32).toFloats()).containsExactly(both[1]);
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "F16", "BF16"})
  void drawsInTheTypeAskedFor(DType dtype) {
    TorchGenerator generator = new TorchGenerator(0);
    Shape shape = Shape.of(3, 20);
    assertThat(
            List.of(
                generator.randn(shape, dtype),
                generator.rand(shape, dtype),
                generator.uniform(-1, 1, shape, dtype),
                generator.exponential(1, shape, dtype),
                TorchGenerator.randnTensor(List.of(generator), shape, dtype)))
        .extracting(HostTensor::dtype)
        .containsOnly(dtype);
    assertThat(List.of(generator.randint(0, 9, shape), generator.randperm(9)))
        .extracting(HostTensor::dtype)
        .containsOnly(DType.I64);
  }

  @Test
  void drawsNothingForNoElements() {
    assertThat(new TorchGenerator(0).randn(Shape.of(0, 3), DType.BF16).shape())
        .isEqualTo(Shape.of(0, 3));
  }

  @Test
  void neverDrawsAnImpossibleCategory() {
    HostTensor weights = HostTensor.of(DType.F32, Shape.of(3), 0, 2, 0);
    for (int seed = 0; seed < 20; seed++) {
      TorchGenerator generator = new TorchGenerator(seed);
      assertThat(generator.multinomial(weights, 1, true).getLong(0)).isEqualTo(1);
      assertThat(generator.multinomial(weights, 4, true).toFloats()).containsOnly(1);
    }
  }

  @Test
  void refusesWhatCannotBeDrawn() {
    TorchGenerator generator = new TorchGenerator(0);
    Shape shape = Shape.of(3, 4);
    assertThatThrownBy(() -> generator.randn(shape, DType.I64)).hasMessageContaining("dtype: I64");
    assertThatThrownBy(() -> generator.rand(shape, DType.U8)).hasMessageContaining("dtype: U8");
    assertThatThrownBy(() -> generator.randint(3, 3, shape))
        .hasMessage("low: 3 (expected: below high, 3)");
    assertThatThrownBy(() -> generator.randperm(-1)).hasMessageContaining("n: -1");
    HostTensor negative = HostTensor.of(DType.F32, Shape.of(2), 1, -1);
    assertThatThrownBy(() -> generator.multinomial(negative, 1, true))
        .hasMessageContaining("probability 1: -1.0");
    HostTensor zero = HostTensor.zeros(DType.F32, Shape.of(2, 2));
    assertThatThrownBy(() -> generator.multinomial(zero, 1, true))
        .hasMessageContaining("row 0: sum 0");
    HostTensor fine = HostTensor.of(DType.F32, Shape.of(2), 1, 1);
    assertThatThrownBy(() -> generator.multinomial(fine, 3, false))
        .hasMessageContaining("samples: 3");
    assertThatThrownBy(
            () -> TorchGenerator.randnTensor(List.of(generator, generator), shape, DType.F32))
        .hasMessage("generators: 2 (expected: 1 or one per sample, 3)");
  }

  private static float[] noise(long seed) {
    return new TorchGenerator(seed).randn(Shape.of(20), DType.F32).toFloats();
  }
}

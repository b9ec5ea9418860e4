package dev.fluxgate.engine.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.random.PhiloxGenerator.Device;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PhiloxGeneratorTest {
  /** To the digits that torch prints. */
  private static final float PRINTED = 5.1e-5f;

  @Test
  void drawsWhatTorchDrawsOnAGpu() {
    assertStart(0, -0.9247f, -0.4253f, -2.6438f, 0.1452f);
    assertStart(42, 0.1940f, 2.1614f, -0.1721f, 0.8491f, -1.9244f, 0.6530f, -0.6494f, -0.8175f);
  }

  private static void assertStart(long seed, float... expected) {
    HostTensor noise = new PhiloxGenerator(seed).randn(Shape.of(expected.length), DType.F32);
    assertThat(noise.toFloats()).containsExactly(expected, within(PRINTED));
  }

  @Test
  void givesEveryThreadAColumnOfItsOwn() {
    // 512 threads: elements 0..511 are the first normals of their threads, the next 512 the second.
    float[] few =
        new PhiloxGenerator(7, Device.ofThreads(512)).randn(Shape.of(5000), DType.F32).toFloats();
    float[] many = new PhiloxGenerator(7).randn(Shape.of(5000), DType.F32).toFloats();
    for (int i = 0; i < 512; i++) {
      assertThat(few[i]).isEqualTo(many[i]);
    }
    assertThat(few[512]).isNotEqualTo(many[512]);
    // With 5120 threads no thread writes its second normal; with 512 the fifth is of a new block.
    float[] next =
        new PhiloxGenerator(7, Device.ofThreads(512)).randn(Shape.of(2048), DType.F32).toFloats();
    for (int i = 0; i < 2048; i++) {
      assertThat(few[i]).isEqualTo(next[i]);
    }
    PhiloxGenerator continued = new PhiloxGenerator(7, Device.ofThreads(512));
    assertThat(continued.randn(Shape.of(2048), DType.F32).toFloats()).isEqualTo(next);
    float[] rest = continued.randn(Shape.of(2048), DType.F32).toFloats();
    for (int i = 0; i < 2048; i++) {
      assertThat(rest[i]).isEqualTo(few[2048 + i]);
    }
  }

  @Test
  void goesOnWhereTheCallBeforeEnded() {
    PhiloxGenerator generator = new PhiloxGenerator(42);
    HostTensor first = generator.randn(Shape.of(8), DType.F32);
    HostTensor second = generator.randn(Shape.of(8), DType.F32);
    assertThat(second.toFloats()).isNotEqualTo(first.toFloats());
    assertThat(generator.randn(Shape.of(0), DType.F32).toFloats()).isEmpty();
    PhiloxGenerator again = new PhiloxGenerator(42);
    HostTensor _ = again.randn(Shape.of(3), DType.F32);
    assertThat(again.randn(Shape.of(8), DType.F32).toFloats()).isEqualTo(second.toFloats());
  }

  @Test
  void roundsTheSameDrawsToNarrowTypes() {
    float[] wide = new PhiloxGenerator(5).randn(Shape.of(100), DType.F32).toFloats();
    for (DType type : new DType[] {DType.BF16, DType.F16}) {
      HostTensor narrow = new PhiloxGenerator(5).randn(Shape.of(100), type);
      assertThat(narrow.toFloats()).isEqualTo(HostTensor.of(type, Shape.of(100), wide).toFloats());
    }
    assertThatThrownBy(() -> new PhiloxGenerator(5).randn(Shape.of(1), DType.F64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dtype: F64 (expected: F32, BF16 or F16)");
  }

  @Test
  void countsAllBitsOfTheSeed() {
    float[] low = new PhiloxGenerator(1).randn(Shape.of(4), DType.F32).toFloats();
    float[] high = new PhiloxGenerator(1 + (1L << 32)).randn(Shape.of(4), DType.F32).toFloats();
    assertThat(high).isNotEqualTo(low);
  }

  @Test
  void isNormallyDistributed() {
    float[] x = new PhiloxGenerator(3).randn(Shape.of(1 << 20), DType.F32).toFloats();
    double sum = 0;
    double squares = 0;
    for (float value : x) {
      sum += value;
      squares += (double) value * value;
    }
    assertThat(sum / x.length).isCloseTo(0, within(0.005));
    assertThat(squares / x.length).isCloseTo(1, within(0.01));
  }

  @Test
  void drawsABatchOfSamplesFromTheirOwnGenerators() {
    HostTensor batch =
        TorchGenerator.randnTensor(
            List.of(new PhiloxGenerator(1), new PhiloxGenerator(2)), Shape.of(2, 6), DType.F32);
    assertThat(batch.slice(1, 1).toFloats())
        .isEqualTo(new PhiloxGenerator(2).randn(Shape.of(1, 6), DType.F32).toFloats());
  }

  @Test
  void countsTheThreadsOfADevice() {
    assertThat(Device.H100.threads()).isEqualTo(270_336);
    assertThat(new Device(128, 1536).threads()).isEqualTo(196_608);
    assertThat(new Device(82, 1536).threads()).isEqualTo(125_952);
  }

  @Test
  void refusesDevicesWithoutWholeBlocks() {
    assertThatThrownBy(() -> Device.ofThreads(1000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads: 1000 (expected: a positive multiple of 256)");
    assertThatThrownBy(() -> new Device(0, 2048))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("device: 0 multiprocessors of 2048 threads");
  }
}

package dev.fluxgate.encoder.model.t5;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

class PositionBiasTest {
  private static final T5Params PARAMS = new T5Params(4, 4, 1, 2, 2, 8, 32, 128, 1e-6f);

  @Test
  void nearDistancesHaveABucketEachAndKeysAheadHalfOfThem() {
    assertThat(PositionBias.bucket(0, PARAMS)).isZero();
    assertThat(PositionBias.bucket(-7, PARAMS)).isEqualTo(7);
    assertThat(PositionBias.bucket(7, PARAMS)).isEqualTo(16 + 7);
    assertThat(PositionBias.bucket(-8, PARAMS)).isEqualTo(8);
  }

  @Test
  void farDistancesShareBucketsByTheLogarithmInFloat32() {
    assertThat(PositionBias.bucket(-11, PARAMS)).isEqualTo(8);
    assertThat(PositionBias.bucket(-12, PARAMS)).isEqualTo(9);
    assertThat(PositionBias.bucket(-16, PARAMS)).isEqualTo(10);
    assertThat(PositionBias.bucket(-32, PARAMS)).isEqualTo(12);
    assertThat(PositionBias.bucket(-64, PARAMS)).isEqualTo(14);
    assertThat(PositionBias.bucket(-127, PARAMS)).isEqualTo(15);
    assertThat(PositionBias.bucket(511, PARAMS)).isEqualTo(31);
  }

  @Test
  void everyQueryReadsItsStretchOfTheDistances() {
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    HostTensor table = HostTensor.of(DType.F32, Shape.of(32, 2), values);
    HostTensor bias = PositionBias.of(table, PARAMS, 3, DType.BF16);
    assertThat(bias.shape()).isEqualTo(Shape.of(6, 3));
    // Head 1: column 1 of the table. Keys behind are buckets 1 and 2, keys ahead 17 and 18.
    assertThat(bias.slice(3, 3).toFloats()).containsExactly(1, 35, 37, 3, 1, 35, 5, 3, 1);
    assertThat(PositionBias.of(table, PARAMS, 1, DType.F32).toFloats()).containsExactly(0, 1);
  }
}

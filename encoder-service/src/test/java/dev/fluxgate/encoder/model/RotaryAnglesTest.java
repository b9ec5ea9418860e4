package dev.fluxgate.encoder.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.BFloat16;
import dev.fluxgate.engine.tensor.DType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RotaryAnglesTest {

  @Test
  void theFirstPairTurnsByItsPositionAndLaterOnesSlower() {
    RotaryAngles angles = RotaryAngles.of(3, 4, 10_000, DType.F32);
    assertThat(angles.cos().toFloats())
        .containsExactly(
            new float[] {
              1,
              1,
              (float) Math.cos(1),
              (float) Math.cos(.01),
              (float) Math.cos(2),
              (float) Math.cos(.02)
            },
            Offset.offset(1e-6f));
    assertThat(angles.sin().toFloats()[3]).isEqualTo((float) Math.sin(.01f));
  }

  @Test
  void valuesAreRoundedToTheComputeTypeAndTheAngleIsNot() {
    float[] exact = RotaryAngles.of(500, 8, 1e9, DType.F32).sin().toFloats();
    float[] rounded = RotaryAngles.of(500, 8, 1e9, DType.BF16).sin().toFloats();
    for (int i = 0; i < exact.length; i++) {
      assertThat(rounded[i]).isEqualTo(BFloat16.round(exact[i]));
    }
  }
}

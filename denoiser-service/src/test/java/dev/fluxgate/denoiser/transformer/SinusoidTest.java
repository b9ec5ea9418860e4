package dev.fluxgate.denoiser.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.tensor.DType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SinusoidTest {
  private static final Offset<Float> LAST_PLACE = within(6e-8f);

  /** Values of the reference for t = 1000 (flux2 spec §1.3). */
  @Test
  void beginsWithTheCosines() {
    float[] sinusoid = Sinusoid.of(1000, 256);

    assertThat(sinusoid).hasSize(256);
    assertThat(sinusoid[0]).isCloseTo(0.56237906f, LAST_PLACE);
    assertThat(sinusoid[1]).isCloseTo(0.78962666f, LAST_PLACE);
    assertThat(sinusoid[3]).isCloseTo(-0.02364524f, LAST_PLACE);
    assertThat(sinusoid[128]).isCloseTo(0.82687956f, LAST_PLACE);
    assertThat(sinusoid[129]).isCloseTo(0.6135876f, LAST_PLACE);
    assertThat(sinusoid[131]).isCloseTo(0.9997204f, LAST_PLACE);
  }

  @Test
  void roundsTheThousandfoldOfARoundedValueInBfloat16() {
    assertThat(Sinusoid.thousandfold(2.5f, DType.BF16)).isEqualTo(2496);
    assertThat(Sinusoid.thousandfold(3.5f, DType.BF16)).isEqualTo(3504);
    assertThat(Sinusoid.thousandfold(4f, DType.BF16)).isEqualTo(4000);
    assertThat(Sinusoid.thousandfold(2.5f, DType.F32)).isEqualTo(2500);
  }
}

package dev.fluxgate.denoiser.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import org.junit.jupiter.api.Test;

class PosteriorTest {

  @Test
  void drawsAroundTheMeanAndBoundsTheVariance() {
    HostTensor moments = HostTensor.of(DType.F32, Shape.of(1, 1, 2, 2), 3, 0, 5, -99);

    Posterior posterior = Posterior.of(moments);
    HostTensor noise = HostTensor.of(DType.F32, posterior.mean().shape(), 2, 1e6f);

    assertThat(posterior.mean().toFloats()).containsExactly(3, 5);
    assertThat(posterior.logVariance().toFloats()).containsExactly(0, -30);
    assertThat(posterior.sample(noise).toFloats())
        .containsExactly(5, 5 + (float) Math.exp(-15) * 1e6f);
  }

  @Test
  void refusesNoiseOfAnotherShapeOrType() {
    Posterior posterior = Posterior.of(HostTensor.zeros(DType.F32, Shape.of(1, 1, 2, 2)));

    assertThatThrownBy(() -> posterior.sample(HostTensor.zeros(DType.F32, Shape.of(2))))
        .hasMessage("noise: F32 [2] (expected: F32 [1, 1, 1, 2])");
    assertThatThrownBy(() -> posterior.sample(HostTensor.zeros(DType.BF16, Shape.of(1, 1, 1, 2))))
        .hasMessage("noise: BF16 [1, 1, 1, 2] (expected: F32 [1, 1, 1, 2])");
  }

  @Test
  void takesPicturesAsNumbersAroundZero() {
    RgbImage picture = new RgbImage(1, 2, new byte[] {0, 51, -1, -1, 0, 51});

    HostTensor pixels = PixelRange.fromPicture(picture, DType.F32);

    assertThat(pixels.shape()).isEqualTo(Shape.of(1, 3, 2, 1));
    assertThat(pixels.toFloats()).containsExactly(-1, 1, 2 * 0.2f - 1, -1, 1, 2 * 0.2f - 1);
  }
}

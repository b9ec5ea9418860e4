package dev.fluxgate.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RgbImageTest {

  @Test
  void roundsToTheNearestLevelAndHalvesToEven() {
    // 0.5 · 255 = 127.5 and 0.1 · 255 = 25.5 in float32: both halves go to the even level.
    RgbImage image = RgbImage.ofUnitFloats(2, 1, new float[] {0, 1, 0.5f, 0.1f, 0.002f, 0.9961f});

    assertThat(image.level(0, 0, 0)).isEqualTo(0);
    assertThat(image.level(0, 0, 1)).isEqualTo(255);
    assertThat(image.level(0, 0, 2)).isEqualTo(128);
    assertThat(image.level(1, 0, 0)).isEqualTo(26);
    assertThat(image.level(1, 0, 1)).isEqualTo(1);
    assertThat(image.level(1, 0, 2)).isEqualTo(254);
  }

  @Test
  void refusesNumbersThatAreNoLevels() {
    for (float bad : new float[] {Float.NaN, -0.001f, 1.001f, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> RgbImage.ofUnitFloats(1, 1, new float[] {0, bad, 0}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("value 1: " + bad + " (expected: a number in [0, 1])");
    }
  }

  @Test
  void refusesBytesThatAreNotThoseOfThePixels() {
    assertThatThrownBy(() -> new RgbImage(2, 2, new byte[11]))
        .hasMessage("rgb: 11 bytes (expected: 3 for each of 2 x 2 pixels)");
    assertThatThrownBy(() -> new RgbImage(0, 2, new byte[0]))
        .hasMessage("size: 0 x 2 (expected: at least 1 x 1)");
  }

  @Test
  void comparesPixels() {
    RgbImage image = new RgbImage(1, 1, new byte[] {1, 2, 3});

    assertThat(image).isEqualTo(new RgbImage(1, 1, new byte[] {1, 2, 3}));
    assertThat(image).hasSameHashCodeAs(new RgbImage(1, 1, new byte[] {1, 2, 3}));
    assertThat(image).isNotEqualTo(new RgbImage(1, 1, new byte[] {1, 2, 4}));
    assertThat(image).hasToString("RgbImage[1 x 1]");
  }
}

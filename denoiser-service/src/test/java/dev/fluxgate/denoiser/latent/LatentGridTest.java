package dev.fluxgate.denoiser.latent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LatentGridTest {

  @Test
  void countsOneTokenForEverySquareOfPixels() {
    assertThat(LatentGrid.of(64, 32, 16)).isEqualTo(new LatentGrid(2, 4));
    assertThat(LatentGrid.of(64, 32, 16).tokens()).isEqualTo(8);
  }

  @Test
  void refusesASizeBetweenTwoNamingBoth() {
    assertThatThrownBy(() -> LatentGrid.of(100, 64, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("width: 100 (expected: a multiple of 16; the nearest are 96 and 112)");
    assertThatThrownBy(() -> LatentGrid.of(64, 17, 16))
        .hasMessage("height: 17 (expected: a multiple of 16; the nearest are 16 and 32)");
  }

  @Test
  void refusesASizeBelowTheSmallest() {
    assertThatThrownBy(() -> LatentGrid.of(15, 64, 16))
        .hasMessage("width: 15 (expected: a multiple of 16; the smallest is 16)");
    assertThatThrownBy(() -> LatentGrid.of(-16, 64, 16))
        .hasMessage("width: -16 (expected: a multiple of 16; the smallest is 16)");
    assertThatThrownBy(() -> LatentGrid.floored(64, 15, 16))
        .hasMessage("size: 64 x 15 (expected: at least 16 each way)");
  }

  @Test
  void floorsASizeOnRequest() {
    assertThat(LatentGrid.floored(71, 53, 8)).isEqualTo(LatentGrid.of(64, 48, 8));
  }

  @Test
  void refusesMoreTokensThanAnyMachineHolds() {
    assertThatThrownBy(() -> LatentGrid.of(1 << 30, 1 << 30, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "grid: 67108864 x 67108864 tokens (expected: at least 1 x 1, at most 4194304 together)");
  }
}

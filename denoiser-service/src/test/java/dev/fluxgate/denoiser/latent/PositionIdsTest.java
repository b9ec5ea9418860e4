package dev.fluxgate.denoiser.latent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PositionIdsTest {

  @Test
  void numbersTextOnTheLastAxisAndPicturesOnTheOthers() {
    PositionIds ids = PositionIds.text(3).then(PositionIds.image(new LatentGrid(2, 2), 10));

    assertThat(ids.tokens()).isEqualTo(7);
    assertThat(row(ids, 0)).containsExactly(0, 0, 0, 0);
    assertThat(row(ids, 2)).containsExactly(0, 0, 0, 2);
    assertThat(row(ids, 3)).containsExactly(10, 0, 0, 0);
    assertThat(row(ids, 4)).containsExactly(10, 0, 1, 0);
    assertThat(row(ids, 5)).containsExactly(10, 1, 0, 0);
    assertThat(ids.toFloats()).hasSize(4 * 7).startsWith(0, 0, 0, 0).endsWith(10, 1, 1, 0);
  }

  @Test
  void refusesAnIncompleteToken() {
    assertThatThrownBy(() -> PositionIds.of(0, 1, 2))
        .hasMessage("position ids: 3 numbers (expected: 4 a token)");
  }

  private static int[] row(PositionIds ids, int token) {
    return new int[] {ids.id(token, 0), ids.id(token, 1), ids.id(token, 2), ids.id(token, 3)};
  }
}

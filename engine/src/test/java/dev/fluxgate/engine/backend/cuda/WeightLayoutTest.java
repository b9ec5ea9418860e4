package dev.fluxgate.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

final class WeightLayoutTest {

  @Test
  void padsAMatrixToWholeSteps() {
    assertThat(WeightLayout.matrix(Shape.of(7, 64)))
        .isEqualTo(new WeightLayout(7, 64, 1, 64, 64))
        .matches(WeightLayout::isPlain);
    assertThat(WeightLayout.matrix(Shape.of(7, 65)).columns()).isEqualTo(128);
    assertThat(WeightLayout.matrix(Shape.of(7, 65)).isPlain()).isFalse();
  }

  @Test
  void putsTheTapsOfAFilterOutside() {
    WeightLayout layout = WeightLayout.filter(Shape.of(5, 3, 3, 3));
    assertThat(layout.paddedChannels()).isEqualTo(8);
    assertThat(layout.columns()).isEqualTo(128);
    assertThat(layout.storedColumns()).isEqualTo(27);
    assertThat(WeightLayout.filter(Shape.of(5, 64, 1, 1)).isPlain()).isTrue();
  }

  @Test
  void leavesATableAsItIs() {
    assertThat(WeightLayout.table(Shape.of(9, 5)).isPlain()).isTrue();
  }
}

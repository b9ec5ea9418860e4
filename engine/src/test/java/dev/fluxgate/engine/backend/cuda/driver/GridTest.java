package dev.fluxgate.engine.backend.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class GridTest {

  @Test
  void spillsRowsThatAxisYCannotHold() {
    assertThat(Grid.spilling(3, 65535)).isEqualTo(new Grid(3, 65535, 1));
    assertThat(Grid.spilling(3, 65536)).isEqualTo(new Grid(3, 65535, 2));
    assertThat(Grid.spilling(1, 5_000_000)).isEqualTo(new Grid(1, 65535, 77));
  }

  @Test
  void refusesWhatTheDriverWould() {
    assertThatThrownBy(() -> new Grid(0, 1, 1)).hasMessageContaining("(0, 1, 1)");
    assertThatThrownBy(() -> new Grid(1, 65536, 1)).hasMessageContaining("65535");
    assertThatThrownBy(() -> new Grid(1, 1, 65536)).hasMessageContaining("65535");
  }
}

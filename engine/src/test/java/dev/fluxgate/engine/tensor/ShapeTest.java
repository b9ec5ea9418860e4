package dev.fluxgate.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ShapeTest {

  @Test
  void countsElementsRowsAndColumns() {
    Shape shape = Shape.of(2, 3, 4);
    assertThat(shape.rank()).isEqualTo(3);
    assertThat(shape.count()).isEqualTo(24);
    assertThat(shape.rows()).isEqualTo(6);
    assertThat(shape.columns()).isEqualTo(4);
    assertThat(shape.size(1)).isEqualTo(3);
    assertThat(shape).hasToString("[2, 3, 4]");
  }

  @Test
  void treatsAScalarAsOneElement() {
    assertThat(Shape.of().count()).isEqualTo(1);
    assertThat(Shape.of().columns()).isEqualTo(1);
    assertThat(Shape.of()).hasToString("[]");
  }

  @Test
  void allowsEmptyDimensions() {
    assertThat(Shape.of(0, 5).count()).isZero();
    assertThat(Shape.of(5, 0).rows()).isEqualTo(5);
  }

  @Test
  void refusesNegativeExtents() {
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape: [2, -1] (expected: no negative extent)");
  }

  @Test
  void refusesCountsBeyondALong() {
    assertThatThrownBy(() -> Shape.of(1L << 40, 1L << 40)).isInstanceOf(ArithmeticException.class);
    Shape wide = Shape.of(1L << 40);
    assertThatThrownBy(() -> wide.size(0)).isInstanceOf(ArithmeticException.class);
  }
}

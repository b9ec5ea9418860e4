package dev.fluxgate.encoder.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutputLayersTest {

  @Test
  void defaultsAreAQuarterAHalfAndThreeQuarters() {
    assertThat(OutputLayers.defaults(40).indices()).containsExactly(10, 20, 30);
    assertThat(OutputLayers.defaults(36).indices()).containsExactly(9, 18, 27);
    assertThat(OutputLayers.defaults(4).indices()).containsExactly(1, 2, 3);
    assertThat(OutputLayers.defaults(2).indices()).containsExactly(0, 1);
  }

  @Test
  void refusesNoneNegativeRepeatedAndDescending() {
    for (List<Integer> layers :
        List.<List<Integer>>of(List.of(), List.of(-1, 2), List.of(1, 1), List.of(2, 1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new OutputLayers(layers))
          .withMessage(
              "output_layers: " + layers + " (expected: ascending, from 0 on, at least one)");
    }
  }

  @Test
  void theDepthIsTheLastOne() {
    assertThat(new OutputLayers(List.of(0, 4)).within(4).last()).isEqualTo(4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OutputLayers(List.of(0, 5)).within(4))
        .withMessage("output_layers: [0, 5] (expected: within 0..4)");
  }
}

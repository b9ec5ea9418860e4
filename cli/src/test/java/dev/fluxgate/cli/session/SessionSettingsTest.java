package dev.fluxgate.cli.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.v1.GenerationParameters;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

class SessionSettingsTest {
  private final SessionSettings settings = new SessionSettings();

  @Test
  void setsWhatTheOptionsOfADrawingSet() {
    settings.set(Map.of("STEPS", "4", "guidance_scale", "2.5", "round-size", "true"));

    GenerationParameters parameters = settings.options().parameters("a", null);

    assertThat(parameters.getNumInferenceSteps()).isEqualTo(4);
    assertThat(parameters.getGuidanceScale()).isEqualTo(2.5f);
    assertThat(parameters.getRoundSize()).isTrue();
    assertThat(parameters.hasSeed()).isFalse();
    assertThat(settings.lines()).containsExactly("guidance=2.5", "round_size=true", "steps=4");
  }

  @Test
  void forgetsWhatIsSetToNothing() {
    settings.set(Map.of("steps", "4", "seed", "7", "prompt", "a b"));
    settings.set(Map.of("steps", "", "seed", "none"));
    assertThat(settings.lines()).containsExactly("prompt=\"a b\"");
    settings.reset();
    assertThat(settings.lines()).isEmpty();
    assertThat(settings.prompt()).isEmpty();
  }

  @Test
  void changesNothingWhereOneOfSeveralCannotBe() {
    settings.set(Map.of("steps", "4"));
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("seed", "7");
    changes.put("steps", "many");
    assertThatThrownBy(() -> settings.set(changes))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("steps: many (expected: a whole number");
    assertThat(settings.lines()).containsExactly("steps=4");
  }

  @Test
  void tellsTheNamesWhereOneIsUnknown() {
    assertThatThrownBy(() -> settings.set(Map.of("stepz", "4")))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("stepz: no such setting (expected: prompt, ")
        .hasMessageContaining("steps");
  }
}

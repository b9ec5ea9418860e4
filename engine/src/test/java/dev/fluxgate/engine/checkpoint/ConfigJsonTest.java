package dev.fluxgate.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigJsonTest {
  @TempDir private Path folder;

  @Test
  void readsEveryType() throws IOException {
    ConfigJson config =
        config(
            """
            {"i": 3, "n": 1e-6, "whole": 2000, "b": true, "s": "x", "list": [1, 2], "one": 7,
             "names": ["a"], "floats": [1, 0.5], "inner": {"theta": 10000.0}, "gone": null}
            """);
    assertThat(config.integer("i", 1)).isEqualTo(3);
    assertThat(config.number("n", 1)).isEqualTo(1e-6);
    assertThat(config.number("whole", 1)).isEqualTo(2000);
    assertThat(config.bool("b", false)).isTrue();
    assertThat(config.string("s", "y")).isEqualTo("x");
    assertThat(config.integers("list", List.of())).containsExactly(1, 2);
    assertThat(config.integers("one", List.of())).containsExactly(7);
    assertThat(config.strings("names", List.of())).containsExactly("a");
    assertThat(config.numbers("floats", List.of())).containsExactly(1.0, 0.5);
    assertThat(config.object("inner").number("theta", 1)).isEqualTo(10000);
    assertThat(config.keys()).startsWith("i", "n").endsWith("gone");
  }

  @Test
  void takesTheDefaultForAbsentAndNull() throws IOException {
    ConfigJson config = config("{\"gone\": null}");
    assertThat(config.has("gone")).isFalse();
    assertThat(config.integer("gone", 5)).isEqualTo(5);
    assertThat(config.string("none", "x")).isEqualTo("x");
    assertThat(config.object("none").keys()).isEmpty();
    assertThatThrownBy(() -> config.integer("none"))
        .hasMessageEndingWith("none: missing (expected: an integer of 32 bits)");
  }

  @Test
  void namesFileKeyValueAndExpectation() throws IOException {
    ConfigJson config =
        config("{\"heads\": \"many\", \"inner\": {\"x\": [1, \"2\"]}, \"big\": 5000000000}");
    Path file = config.file();
    assertThatThrownBy(() -> config.integer("heads", 1))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(file + ": heads: \"many\" (expected: an integer of 32 bits)");
    assertThatThrownBy(() -> config.integer("big", 1))
        .hasMessage(file + ": big: 5000000000 (expected: an integer of 32 bits)");
    assertThatThrownBy(() -> config.object("inner").integers("x", List.of()))
        .hasMessage(file + ": inner.x: [1,\"2\"] (expected: a list of integers of 32 bits)");
    assertThatThrownBy(() -> config.object("heads"))
        .hasMessage(file + ": heads: \"many\" (expected: an object)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "3", "{", "{} {}", "<html>", "{\"a\": NaN}"})
  void refusesWhatIsNoObject(String text) {
    assertThatThrownBy(() -> config(text))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(folder.toString())
        .hasMessageEndingWith("(expected: a JSON object)");
  }

  @Test
  void refusesAMissingFile() {
    assertThatThrownBy(() -> ConfigJson.read(folder.resolve("none.json")))
        .hasMessage(folder.resolve("none.json") + ": no such file (expected: a JSON file)");
  }

  private ConfigJson config(String text) throws IOException {
    return ConfigJson.read(Files.writeString(folder.resolve("config.json"), text));
  }
}

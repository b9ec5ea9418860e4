package dev.fluxgate.cli.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionLineTest {
  @TempDir private Path folder;

  @Test
  void knowsItsCommands() {
    assertThat(SessionLine.parse("")).isEqualTo(new SessionLine.Draw());
    assertThat(SessionLine.parse("run")).isEqualTo(new SessionLine.Draw());
    assertThat(SessionLine.parse(" SHOW ")).isEqualTo(new SessionLine.Show());
    assertThat(SessionLine.parse("reset")).isEqualTo(new SessionLine.Reset());
    assertThat(SessionLine.parse("?")).isEqualTo(new SessionLine.Help());
    assertThat(SessionLine.parse("exit")).isEqualTo(new SessionLine.Quit());
  }

  @Test
  void readsSettingsIfEveryWordIsOne() {
    assertThat(SessionLine.parse("steps=4 prompt=\"a red circle\" seed="))
        .isEqualTo(
            new SessionLine.Change(Map.of("steps", "4", "prompt", "a red circle", "seed", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a sign that says steps=4",
        "it's a red circle",
        "1+1=2",
        "a wall! \"unfinished",
        "réseau=sans fil"
      })
  void takesEverythingElseForAPrompt(String line) {
    assertThat(SessionLine.parse(line)).isEqualTo(new SessionLine.Prompt(line));
  }

  @Test
  void takesFilesForPictures() throws IOException {
    Path first = Files.createFile(folder.resolve("a.png"));
    Path second = Files.createFile(folder.resolve("b c.png"));
    assertThat(SessionLine.parse(first + " \"" + second + "\""))
        .isEqualTo(new SessionLine.Pictures(List.of(first, second)));
    assertThat(SessionLine.parse(first + " in the rain")).isInstanceOf(SessionLine.Prompt.class);
  }
}

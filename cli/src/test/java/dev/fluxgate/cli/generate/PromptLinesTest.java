package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.cli.failure.RequestRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

class PromptLinesTest {
  private final CommandSpec spec =
      new CommandLine(CommandSpec.create().name("draw")).getCommandSpec();

  @TempDir private Path folder;

  @Test
  void takesTheOnePromptAsItIs() {
    assertThat(of(" a cat ", null, null)).containsExactly(" a cat ");
    assertThat(of("a cat", null, Path.of("a.png"))).containsExactly("a cat");
  }

  @Test
  void takesTheLinesOfAFileInOrderWithoutTheBlankOnes() throws IOException {
    Path file = file("\n  two cats, one hat\t\r\n\n   \nune crêpe 🥞\ntwo cats, one hat");

    assertThat(of(null, file, null))
        .containsExactly("two cats, one hat", "une crêpe 🥞", "two cats, one hat");
  }

  @Test
  void writesSeveralIntoAFolderAlone() throws IOException {
    Path picture = folder.resolve("a.png");
    assertThat(of(null, file("\na cat\n"), picture)).containsExactly("a cat");

    Path two = file("a cat\na dog\n");
    assertThat(of(null, two, folder)).hasSize(2);
    assertWrong(null, two, picture, "--out: " + picture + " for 2 prompts (expected: a folder)");
  }

  @Test
  void refusesNoneAndBoth() throws IOException {
    assertWrong(null, null, null, "PROMPT: missing (expected: draw PROMPT, or --prompts FILE)");
    assertWrong("a", file("a"), null, "--prompts: given with PROMPT (expected: one of them)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void refusesAPromptOfNothing(String prompt) {
    assertWrong(
        prompt, null, null, "PROMPT: \"" + prompt + "\" (expected: what the picture shows)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n \n"})
  void refusesAFileOfNothing(String text) throws IOException {
    Path file = file(text);

    assertRefused(file, ": no prompt in it (expected: one a line)");
  }

  @Test
  void refusesWhatIsNoTextFile() throws IOException {
    assertRefused(folder.resolve("none"), ": no such file (expected: a text file)");
    assertRefused(folder, ": Is a directory (expected: a text file)");
    Path latin = Files.write(folder.resolve("a"), "crêpe".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(latin, ": not UTF-8 (expected: a text file)");
  }

  private void assertRefused(Path file, String complaint) {
    assertThatThrownBy(() -> of(null, file, null))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("--prompts: " + file + complaint);
  }

  private void assertWrong(
      @Nullable String prompt, @Nullable Path file, @Nullable Path out, String complaint) {
    assertThatThrownBy(() -> of(prompt, file, out))
        .isInstanceOf(ParameterException.class)
        .hasMessage(complaint);
  }

  private List<String> of(@Nullable String prompt, @Nullable Path file, @Nullable Path out) {
    return PromptLines.of(spec, prompt, file, out);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("prompts.txt"), text);
  }
}

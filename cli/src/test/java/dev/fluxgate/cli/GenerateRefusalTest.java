package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fluxgate.cli.generate.ToyFolder;
import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a new user gets wrong: one line, the right exit code, and no file left behind. */
class GenerateRefusalTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--width           | 17         | --width: 17 (expected: a multiple of 16; nearest: 16 or 32)",
        "--width           | 0          | --width: 0 (expected: at least 16)",
        "--height          | -16        | --height: -16 (expected: at least 16)",
        "--width           | 1000000    | --width: 1000000 x 128 = 128000000 pixels (expected: at most",
        "--width           | 7.5        | --width: 7.5 (expected: a whole number of at most 2147483647)",
        "--height          | 9999999999 | --height: 9999999999 (expected: a whole number of at most",
        "--steps           | 0          | --steps: 0 (expected: 1..1000)",
        "--steps           | 100000     | --steps: 100000 (expected: 1..1000)",
        "--guidance        | NaN        | --guidance: NaN (expected: a finite number of at least 0)",
        "--guidance        | -1         | --guidance: -1.0 (expected: a finite number of at least 0)",
        "--guidance        | much       | --guidance: much (expected: a number such as 3.5)",
        "--seed            | 9223372036854775808 | --seed: 9223372036854775808 (expected: a whole",
        "--num-images      | 0          | --num-images: 0 (expected: 1..64)",
        "--num-images      | 1000000000 | --num-images: 1000000000 (expected: 1..64)",
        "--dtype           | f16        | --dtype: f16 (expected: bfloat16 or float32)",
        "--device          | abacus     | --device: abacus (expected: auto, cpu, cuda:N or reference)",
        "--out             | a.gif      | --out: a.gif (expected: a folder, or a name ending in .png, .jpg or .webp)",
        "--stps            | 3          | --stps: no such option (expected: --steps or --strength; --help lists all)",
        "--max-sequence-length     | 0       | --max-sequence-length: 0 (expected: 1..2048)",
        "--max-sequence-length     | 1000000 | --max-sequence-length: 1000000 (expected: 1..2048)",
        "--text-encoder-out-layers | 0       | --text-encoder-out-layers: [0] of 128 channels each",
        "--text-encoder-out-layers | 99      | --text-encoder-out-layers: [99] (expected: ascending",
        "--text-encoder-out-layers | 1,1     | --text-encoder-out-layers: [1, 1] (expected: ascending",
        "--text-encoder-out-layers | a       | --text-encoder-out-layers: a (expected: whole numbers",
      })
  void refusesAValue(String option, String value, String message) {
    List<String> arguments = new ArrayList<>(List.of("a circle", option, value));
    if (!option.equals("--out")) {
      arguments.addAll(List.of("--out", file()));
    }

    assertRefused(ExitCode.USAGE, message, arguments);
  }

  @Test
  void tellsAllThatIsWrongAtOnce() {
    assertRefused(
        ExitCode.USAGE,
        "--width: 17 (expected: a multiple of 16; nearest: 16 or 32); --steps: 0 (expected: 1..1000)",
        List.of("a circle", "--out", file(), "--width", "17", "--steps", "0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void refusesAPromptWithoutWords(String prompt) {
    assertRefused(
        ExitCode.USAGE,
        "PROMPT: \"" + prompt + "\" (expected: what the picture shows)",
        List.of(prompt, "--out", file()));
  }

  @Test
  void asksForQuotesAroundThePrompt() {
    assertRefused(
        ExitCode.USAGE,
        "one argument too many: red (expected: one PROMPT; what has spaces goes in quotes)",
        List.of("a", "red", "circle"));
  }

  @Test
  void asksForAPrompt() {
    assertRefused(
        ExitCode.USAGE,
        "PROMPT: missing (expected: fluxgate generate PROMPT, or --prompts FILE)",
        List.of());
  }

  @Test
  void refusesAnOptionWithoutValueOrTwice() {
    assertRefused(ExitCode.USAGE, "--seed: no value (expected: --seed N)", List.of("a", "--seed"));
    assertRefused(
        ExitCode.USAGE,
        "--steps: given more than once (expected: once)",
        List.of("a", "--steps", "1", "--steps", "2"));
  }

  @Test
  void failsWithoutTheModelFolder() throws IOException {
    assertRefused(ExitCode.FAILED, "nowhere: no such folder (expected: ", model("nowhere"));
    Files.createDirectory(folder.resolve("empty"));
    assertRefused(ExitCode.FAILED, "empty: no model_index.json (expected: ", model("empty"));
  }

  @Test
  void failsAtWrongShapes() {
    Path model = ToyFolder.with(folder, ToyFolder.TRANSFORMER, ToyFolder::turned);

    assertRefused(
        ExitCode.FAILED,
        "context_embedder.weight: shape [384, 256] (expected: [256, 384])",
        model(model.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {ToyFolder.TRANSFORMER, ToyFolder.VAE, ToyFolder.TEXT_ENCODER})
  void failsAtATruncatedFile(String name) {
    Path model = ToyFolder.with(folder, name, ToyFolder::truncated);

    assertRefused(ExitCode.FAILED, name + ": ", model(model.toString()));
  }

  @ParameterizedTest
  @CsvSource({
    ToyFolder.TRANSFORMER + ", latents: ",
    ToyFolder.VAE + ", pixels: ",
    ToyFolder.TEXT_ENCODER + ", prompt_embeds: "
  })
  void failsAtWeightsThatAreNoNumbers(String name, String what) {
    Path model = ToyFolder.with(folder, name, ToyFolder::poisoned);

    assertRefused(ExitCode.FAILED, " values are not finite (expected: ", model(model.toString()));
    assertThat(run(model(model.toString())).err()).startsWith("fluxgate generate: " + what);
  }

  @Test
  void failsBeforeDrawingWhereNothingCanBeWritten() {
    assumeTrue(Files.isDirectory(Path.of("/proc")));

    assertRefused(
        ExitCode.FAILED,
        "--out: /proc/a.png: cannot be written, ",
        List.of("a", "--out", "/proc/a.png"));
    assertRefused(
        ExitCode.FAILED,
        "no folder " + folder.resolve("no") + " (expected: a file in a folder that exists)",
        List.of("a", "--out", folder.resolve("no/a.png").toString()));
  }

  @Test
  void doesNotWriteOverAFolder() throws IOException {
    Files.createDirectory(folder.resolve("a-1.png"));

    assertRefused(
        ExitCode.FAILED,
        "a-1.png: cannot be written, is a folder (expected: a file, not a folder)",
        List.of("a", "--num-images", "2", "--out", file()));
  }

  private List<String> model(String name) {
    return List.of(
        "a circle", "--steps", "1", "--out", file(), "--model", folder.resolve(name).toString());
  }

  private String file() {
    return folder.resolve("a.png").toString();
  }

  private void assertRefused(int exitCode, String message, List<String> arguments) {
    CommandLineRun run = run(arguments);

    assertThat(run.err()).hasLineCount(1).startsWith("fluxgate generate: ").contains(message);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
    assertThat(folder).isDirectoryNotContaining("glob:**/{a.png,.fluxgate-*}");
  }

  private static CommandLineRun run(List<String> arguments) {
    return CommandLineRun.of(
        Stream.of(List.of("generate", "--quiet"), arguments)
            .flatMap(List::stream)
            .toArray(String[]::new));
  }
}

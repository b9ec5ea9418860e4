package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.image.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a prompt to files, on the embedded model and on tiny ones of every family. */
class GenerateCommandTest {
  private static final Path PIPELINES =
      Path.of(System.getProperty("fluxgate.root"), "testdata", "golden", "pipelines");

  @TempDir private Path folder;

  @Test
  void drawsThePromptAndTellsHow() throws IOException {
    CommandLineRun run = draw("a large red circle", "a.png", "--seed", "7", "--steps", "2");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .hasLineCount(1)
        .startsWith("wrote " + file("a.png") + " (128 x 128, seed 7, 2 steps; encoded in ");
    assertThat(run.err()).contains("loading ", "a demonstration").doesNotContain("of 0");
    PngFile picture = PngFile.read(file("a.png"));
    assertThat(picture.image().width()).isEqualTo(128);
    assertThat(picture.text())
        .containsEntry("prompt", "a large red circle")
        .containsEntry("seed", "7")
        .containsEntry("num_inference_steps", "2")
        .containsKeys("Software", "model_hash");
  }

  @Test
  void leavesMetadataOutIfAsked() throws IOException {
    draw("a red circle", "a.png", "--no-metadata");

    assertThat(PngFile.read(file("a.png")).text()).isEmpty();
  }

  @Test
  void numbersSeveralPicturesAndPrintsOnlyTheirNamesIfQuiet() throws IOException {
    CommandLineRun run = draw("a red circle", "a.png", "--num-images", "2", "--quiet");

    assertThat(run.out().lines())
        .containsExactly(file("a-0.png").toString(), file("a-1.png").toString());
    assertThat(run.err()).isEmpty();
    assertThat(PngFile.read(file("a-0.png")).image())
        .isNotEqualTo(PngFile.read(file("a-1.png")).image());
    assertThat(folder.toFile().list()).hasSize(2);
  }

  @Test
  void drawsTheSameBytesFromTheSameSeed() throws IOException {
    draw("a red circle", "a.png", "--seed", "-3");
    draw("a red circle", "b.png", "--seed", "-3");
    draw("a red circle", "c.png", "--seed", "4");

    assertThat(file("b.png")).hasSameBinaryContentAs(file("a.png"));
    assertThat(Files.mismatch(file("a.png"), file("c.png"))).isNotNegative();
  }

  @Test
  void drawsNearlyTheSameOnTheReferenceBackEnd() throws IOException {
    String[] small = {"--width", "64", "--height", "48", "--seed", "1", "--dtype", "float32"};
    draw("a red circle", "fast.png", small);
    draw("a red circle", "slow.png", with(small, "--device", "reference"));

    byte[] fast = PngFile.read(file("fast.png")).image().rgb();
    byte[] slow = PngFile.read(file("slow.png")).image().rgb();
    assertThat(slow).hasSize(64 * 48 * 3).hasSameSizeAs(fast);
    for (int i = 0; i < slow.length; i++) {
      assertThat(Math.abs((slow[i] & 0xff) - (fast[i] & 0xff))).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void floorsTheSizeIfAsked() throws IOException {
    draw("a red circle", "a.png", "--width", "79", "--height", "65", "--round-size");

    assertThat(PngFile.read(file("a.png")).image().width()).isEqualTo(64);
    assertThat(PngFile.read(file("a.png")).image().height()).isEqualTo(64);
  }

  @Test
  void saysThatALongPromptLostItsEnd() {
    CommandLineRun run = draw("a red circle ".repeat(8_000), "a.png");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("the prompt has more than 32 tokens and lost its end");
  }

  @ParameterizedTest
  @ValueSource(strings = {"一个红色的圆", "دائرة حمراء", "🔴 circle"})
  void keepsPromptsOfEveryScript(String prompt) throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            "generate", prompt, "--out", folder.toString(), "--steps", "1", "--quiet");

    Path written = Path.of(run.out().strip());
    assertThat(written).hasParent(folder).exists();
    assertThat(PngFile.read(written).text()).containsEntry("prompt", prompt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model_flux2_dev", "model_flux2_klein", "model_flux2_klein_base"})
  void drawsWithAnyPipelineFolder(String model) throws IOException {
    String[] options = {
      "--model", PIPELINES.resolve(model).toString(), "--width", "64", "--height", "64"
    };

    CommandLineRun run = draw("a cat", "a.png", options);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).doesNotContain("demonstration");
    assertThat(PngFile.read(file("a.png")).image().height()).isEqualTo(64);
  }

  private CommandLineRun draw(String prompt, String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("generate", prompt));
    arguments.addAll(List.of("--out", file(name).toString()));
    arguments.addAll(List.of(options));
    if (!arguments.contains("--steps")) {
      arguments.addAll(List.of("--steps", "1"));
    }
    return CommandLineRun.of(arguments.toArray(String[]::new));
  }

  private static String[] with(String[] options, String... more) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}

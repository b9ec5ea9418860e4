package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.generate.ToyFolder;
import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("fluxgate.root"), "testdata", "golden");

  @TempDir private Path folder;

  @Test
  void tellsWhatAModelFolderHolds() {
    CommandLineRun run = CommandLineRun.of("inspect", ToyFolder.MODEL.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("flux2-dev, a toy for demonstration", "128 x 128, 20 steps, guidance 4.0")
        .contains("Flux2Transformer2DModel", "67 tensors, 10,011,904 elements", "one file")
        .contains("sha256 ")
        .contains("of activations for one picture of 128 x 128 in bfloat16");
  }

  @Test
  void countsTheMemoryOfASizeInAType() {
    assertThat(memory("--width=256", "--height=128", "--dtype=float32"))
        .contains("256 x 128 in float32");
    assertThat(memory("--width=512", "--height=512")).isNotEqualTo(memory());
  }

  @Test
  void tellsAllThatIsMissing() throws IOException {
    Path model = ToyFolder.copy(ToyFolder.MODEL, folder.resolve("cut"));
    Files.delete(model.resolve(ToyFolder.VAE));
    Files.delete(model.resolve("scheduler/scheduler_config.json"));
    Files.delete(model.resolve("scheduler"));

    CommandLineRun run = CommandLineRun.of("inspect", model.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out().lines().filter(line -> line.startsWith("missing ")))
        .anyMatch(line -> line.contains("vae: no weights"))
        .anyMatch(line -> line.contains("scheduler: no such folder"));
  }

  @Test
  void tellsTheFamilyOfEveryPipelineFolder() {
    assertThat(family("model_flux2_dev")).contains("flux2-dev");
    assertThat(family("model_flux2_klein")).contains("flux2-klein");
    assertThat(family("model_flux2_klein_base")).contains("flux2-klein-base");
  }

  @Test
  void listsTheTensorsOfAFileAndOfAComponent() {
    String file = ToyFolder.MODEL.resolve(ToyFolder.VAE).toString();
    CommandLineRun ofFile = CommandLineRun.of("inspect", file);
    CommandLineRun ofFolder = CommandLineRun.of("inspect", ToyFolder.MODEL + "/vae");

    assertThat(ofFile.out())
        .isEqualTo(ofFolder.out())
        .containsPattern("decoder.conv_in.weight +BF16 +\\[64, 8, 3, 3] +9.0 KiB")
        .contains("metadata format: pt", "file " + file, "total 183 tensors");
  }

  @Test
  void listsTheShardsOfAShardedComponent() {
    CommandLineRun run =
        CommandLineRun.of(
            "inspect", GOLDEN.resolve("flux2-transformer/model_dev_sharded").toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out().lines().filter(line -> line.startsWith("file "))).hasSizeGreaterThan(1);
  }

  @Test
  void refusesWhatIsNoCheckpointInOneLine() throws IOException {
    assertRefused(folder.resolve("nowhere"), "nowhere: no such file (expected: ");
    assertRefused(folder, ": no weights (expected: ");
    assertRefused(
        Files.writeString(folder.resolve("text"), "Once upon a time"),
        "text: header length: 8030046917602012751 (expected: at most");
    assertRefused(
        Files.writeString(folder.resolve("short"), "one"), "short: 3 bytes (expected: at least 8");
  }

  private static String memory(String... options) {
    String[] arguments =
        Stream.concat(Stream.of("inspect", ToyFolder.MODEL.toString()), Stream.of(options))
            .toArray(String[]::new);
    return CommandLineRun.of(arguments)
        .out()
        .lines()
        .filter(line -> line.startsWith("memory "))
        .findFirst()
        .orElseThrow();
  }

  private static String family(String model) {
    return CommandLineRun.of("inspect", GOLDEN.resolve("pipelines").resolve(model).toString())
        .out()
        .lines()
        .filter(line -> line.startsWith("family "))
        .findFirst()
        .orElseThrow()
        .substring("family".length())
        .strip();
  }

  private static void assertRefused(Path path, String message) {
    CommandLineRun run = CommandLineRun.of("inspect", path.toString());

    assertThat(run.err()).hasLineCount(1).startsWith("fluxgate inspect: ").contains(message);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).isEmpty();
  }
}

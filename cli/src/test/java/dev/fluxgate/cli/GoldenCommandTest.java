package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenCommandTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("fluxgate.root"), "testdata", "golden");

  @TempDir private Path folder;

  @Test
  void passesTheContainers() {
    CommandLineRun run =
        CommandLineRun.of("golden", GOLDEN.toString(), "--families", "formats-safetensors");

    assertThat(run.out()).contains(" 0 failed").doesNotContain("FAILED");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  /** Families without a model, or with one that is small enough to run here as well. */
  @ParameterizedTest
  @ValueSource(strings = {"scheduler", "random", "tokenizers", "mistral", "qwen3"})
  void passesTheFamily(String family) {
    CommandLineRun run = CommandLineRun.of("golden", GOLDEN.resolve(family).toString());

    assertThat(run.out()).contains(" 0 failed, 0 skipped").doesNotContain("FAILED");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void takesASingleCase() {
    CommandLineRun run =
        CommandLineRun.of("golden", GOLDEN.resolve("formats-safetensors/sharded").toString());

    assertThat(run.out()).contains("1 passed, 0 failed, 0 skipped");
  }

  @Test
  void failsWhenAGoldenIsAnother() throws IOException {
    Path broken = copy(GOLDEN.resolve("formats-safetensors/sharded"), folder.resolve("x/sharded"));
    Path io = broken.resolve("io.safetensors");
    byte[] bytes = Files.readAllBytes(io);
    bytes[bytes.length - 2] ^= 0x40;
    Files.write(io, bytes);

    CommandLineRun run = CommandLineRun.of("golden", folder.toString());

    assertThat(run.out()).contains("FAILED", "0 passed, 1 failed");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void failsWhenACaseBreaksOff() throws IOException {
    Path broken = copy(GOLDEN.resolve("formats-safetensors/sharded"), folder.resolve("sharded"));
    Files.delete(broken.resolve("checkpoint/diffusion_pytorch_model.safetensors.index.json"));

    CommandLineRun run = CommandLineRun.of("golden", folder.toString());

    assertThat(run.out()).contains("FAILED: ", "weight files without an index");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void skipsWhatIsNotBuiltYetWithAReason() throws IOException {
    Path other = copy(GOLDEN.resolve("formats-safetensors/sharded"), folder.resolve("sharded"));
    Path description = other.resolve("case.json");
    Files.writeString(
        description, Files.readString(description).replace("formats-safetensors", "formats-gguf"));

    CommandLineRun run = CommandLineRun.of("golden", folder.toString());

    assertThat(run.out()).contains("skipped: family formats-gguf", "0 passed, 0 failed, 1 skipped");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void writesWhatItMade() {
    CommandLineRun.of(
        "golden",
        GOLDEN.resolve("formats-safetensors/sharded").toString(),
        "--write",
        folder.toString());

    assertThat(folder.resolve("formats-safetensors/sharded/out.safetensors")).exists();
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    CommandLineRun run = CommandLineRun.of("golden", folder.resolve("nowhere").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).hasLineCount(1).contains("nowhere: not found (expected: ");
  }

  @Test
  void refusesAFolderWithoutSuchFamilies() {
    CommandLineRun run = CommandLineRun.of("golden", GOLDEN.toString(), "--families", "a,b");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).hasLineCount(1).contains("no cases of a, b");
  }

  @Test
  void refusesAnUnknownDevice() {
    CommandLineRun run = CommandLineRun.of("golden", GOLDEN.toString(), "--device", "abacus");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).hasLineCount(1).contains("--device: abacus (expected: ");
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    return to;
  }
}

package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.generate.ToyFolder;
import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.cli.golden.GoldenFolder;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenCommandTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("fluxgate.root"), "testdata", "golden");

  @TempDir private Path folder;

  @Test
  void takesTheFamiliesNamed() {
    CommandLineRun run =
        CommandLineRun.of("golden", GOLDEN.toString(), "--families", "formats-safetensors");

    assertThat(run.out()).contains("formats-safetensors").doesNotContain("scheduler");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scheduler",
        "random",
        "tokenizers",
        "mistral",
        "qwen3",
        "t5",
        "clip",
        "pixtral",
        "generate",
        "flux1-transformer",
        "flux2-transformer",
        "flux1-vae",
        "flux2-vae",
        "images",
        "formats-safetensors"
      })
  void passesTheFamily(String family) {
    CommandLineRun run = CommandLineRun.of("golden", GOLDEN.resolve(family).toString());

    assertThat(run.out()).contains(" 0 failed, 0 skipped").doesNotContain("FAILED");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void passesEveryPipelineAndComparesAllThatItsCaseHas() throws IOException {
    Path family = GOLDEN.resolve("pipelines");

    CommandLineRun run = CommandLineRun.of("golden", family.toString());

    assertThat(run.out()).contains(" 0 failed, 0 skipped").doesNotContain("FAILED");
    for (GoldenCase golden : GoldenFolder.cases(family, Set.of())) {
      for (GoldenTensor tensor : golden.tensors()) {
        if (!tensor.name().startsWith("in.")) {
          assertThat(run.out())
              .containsPattern(golden.name() + " +" + Pattern.quote(tensor.name()) + " .* ok");
        }
      }
    }
  }

  /** Families that no other test runs on this back end. */
  @ParameterizedTest
  @ValueSource(strings = {"pixtral", "generate"})
  void passesTheFamilyOnTheReferenceBackend(String family) {
    CommandLineRun run =
        CommandLineRun.of("golden", GOLDEN.resolve(family).toString(), "--device", "reference");

    assertThat(run.out()).contains(" 0 failed, 0 skipped").doesNotContain("FAILED");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void failsADrawingWhoseGoldenIsAnother() throws IOException {
    Path golden = GOLDEN.resolve("pipelines");
    ToyFolder.copy(golden.resolve("model_flux2_klein"), folder.resolve("model_flux2_klein"));
    Path copy = ToyFolder.copy(golden.resolve("flux2_klein_t2i"), folder.resolve("wrong"));
    Path description = copy.resolve("case.json");
    Files.writeString(
        description,
        Files.readString(description)
            .replaceFirst("\"generator_seed\": *\\d+", "\"generator_seed\": 424242"));

    CommandLineRun run = CommandLineRun.of("golden", copy.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).containsPattern("out.image .* FAILED").contains("0 passed, 1 failed");
  }

  @Test
  void takesASingleCase() {
    CommandLineRun run =
        CommandLineRun.of("golden", GOLDEN.resolve("formats-safetensors/sharded").toString());

    assertThat(run.out()).contains("1 passed, 0 failed, 0 skipped");
  }

  @Test
  void failsWhenAGoldenIsAnother() throws IOException {
    Path broken =
        ToyFolder.copy(GOLDEN.resolve("formats-safetensors/sharded"), folder.resolve("x/sharded"));
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
    Path broken =
        ToyFolder.copy(GOLDEN.resolve("formats-safetensors/sharded"), folder.resolve("sharded"));
    Files.delete(broken.resolve("checkpoint/diffusion_pytorch_model.safetensors.index.json"));

    CommandLineRun run = CommandLineRun.of("golden", folder.toString());

    assertThat(run.out()).contains("FAILED: ", "weight files without an index");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void skipsWhatIsNotBuiltYetWithAReason() throws IOException {
    Path other =
        ToyFolder.copy(GOLDEN.resolve("formats-safetensors/sharded"), folder.resolve("sharded"));
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
    assertThat(run.err()).hasLineCount(1).contains("--families: a (expected: of clip, flux1-");
  }

  @Test
  void refusesAnUnknownDevice() {
    CommandLineRun run = CommandLineRun.of("golden", GOLDEN.toString(), "--device", "abacus");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).hasLineCount(1).contains("--device: abacus (expected: ");
  }

  @Test
  void refusesAFileForAFolder() {
    String file = GOLDEN.resolve("scheduler/strength/case.json").toString();

    assertThat(CommandLineRun.of("golden", file).err()).contains("case.json: not a folder");
  }

  @Test
  void refusesAPlaceWhereNothingCanBeWrittenBeforeAnythingRuns() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    CommandLineRun run =
        CommandLineRun.of("golden", GOLDEN.toString(), "--write", file.resolve("x").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).hasLineCount(1).contains("--write: " + file.resolve("x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void drawsThePicturesOfEveryPipeline(String device) {
    for (String name : List.of("flux2_dev_t2i", "flux2_klein_t2i", "flux2_klein_base_cfg")) {
      CommandLineRun run =
          CommandLineRun.of(
              "golden", GOLDEN.resolve("pipelines").resolve(name).toString(), "--device", device);

      assertThat(run.out()).contains("1 passed, 0 failed, 0 skipped", "out.png");
    }
  }

  @Test
  void writesWhatTheReferenceWouldHaveWritten() {
    Path golden = GOLDEN.resolve("pipelines/flux2_klein_t2i");

    CommandLineRun.of("golden", golden.toString(), "--write", folder.toString());

    Path written = folder.resolve("pipelines/flux2_klein_t2i/out.safetensors");
    try (SafetensorsFile ours = SafetensorsFile.open(written);
        SafetensorsFile theirs = SafetensorsFile.open(golden.resolve("io.safetensors"))) {
      assertThat(ours.tensors()).containsOnlyKeys("out.image", "out.latents", "out.png");
      for (String name : ours.tensors().keySet()) {
        HostTensor made = Objects.requireNonNull(ours.tensors().get(name));
        HostTensor reference = Objects.requireNonNull(theirs.tensors().get(name));
        assertThat(made.shape()).isEqualTo(reference.shape());
        assertThat(made.dtype()).isEqualTo(reference.dtype());
      }
    }
  }
}

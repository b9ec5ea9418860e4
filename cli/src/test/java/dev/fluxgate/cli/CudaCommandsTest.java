package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.engine.backend.cuda.driver.CudaLibrary;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user of a GPU types, on the emulated one. */
@NeedsCuda(fake = true)
class CudaCommandsTest {
  private static final String PROMPT = "a large red circle on a white background";

  /** Levels that a channel of a bfloat16 picture may differ by from one device to another. */
  private static final int LEVELS = 5;

  @TempDir private Path folder;

  @Test
  void drawsTheCircleThatTheProcessorDraws() throws IOException {
    RgbImage here = draw("cpu");
    RgbImage there = draw("cuda:0");

    assertThat(there).hasToString("RgbImage[128 x 128]");
    assertColour(there, 64, 64, 200, 60);
    for (int corner : List.of(4, 123)) {
      assertColour(there, corner, 4, 200, 200);
      assertColour(there, corner, 123, 200, 200);
    }
    byte[] expected = here.rgb();
    byte[] actual = there.rgb();
    int worst = 0;
    for (int i = 0; i < actual.length; i++) {
      worst = Math.max(worst, Math.abs((actual[i] & 0xff) - (expected[i] & 0xff)));
    }
    assertThat(worst).isLessThanOrEqualTo(LEVELS);
  }

  /** What no other test runs on this back end: looking at pictures, and writing on in text. */
  @ParameterizedTest
  @ValueSource(strings = {"pixtral", "generate/greedy_padded", "generate/sample_image2"})
  void passesTheGoldenCases(String cases) {
    Path golden = Path.of(System.getProperty("fluxgate.root"), "testdata", "golden", cases);

    CommandLineRun run = CommandLineRun.of("golden", golden.toString(), "--device", "cuda:0");

    assertThat(run.out()).contains(" 0 failed, 0 skipped").doesNotContain("FAILED");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  private RgbImage draw(String device) throws IOException {
    Path file = folder.resolve("circle.png");
    CommandLineRun run =
        CommandLineRun.of(
            "generate", PROMPT, "--seed", "7", "--device", device, "--out", file.toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    return PngFile.read(file).image();
  }

  /** Red at least {@code red}; green and blue on the same side of {@code others} as white is. */
  private static void assertColour(RgbImage image, int x, int y, int red, int others) {
    String pixel = "pixel %d, %d".formatted(x, y);
    assertThat(image.level(x, y, 0)).as(pixel).isGreaterThanOrEqualTo(red);
    for (int channel : List.of(1, 2)) {
      int level = image.level(x, y, channel);
      if (red == others) {
        assertThat(level).as(pixel).isGreaterThanOrEqualTo(others);
      } else {
        assertThat(level).as(pixel).isLessThanOrEqualTo(others);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate a", "selftest", "encoder", "denoiser", "bench gpu"})
  void saysWhichDevicesThereAre(String command) {
    assertFails(run(command + " --device cuda:7"), "cuda: no device 7 (expected: 0..0)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate a", "selftest", "encoder", "denoiser", "bench gpu"})
  void saysWhyThereIsNoDriver(String command) {
    String _ = System.setProperty(CudaLibrary.PROPERTY, "libnone.so.1");
    try {
      assertFails(
          run(command + " --device cuda:0"),
          "cuda: libnone.so.1 cannot be loaded (expected: the library of an NVIDIA driver;"
              + " FLUXGATE_CUDA_DRIVER names another)");
    } finally {
      FakeCuda.require();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"generate a", "encoder", "denoiser"})
  void saysWhatIsMissingWhereAModelDoesNotFit(String command) {
    FakeCuda.memory(100_000);
    CommandLineRun run = run(command + " --device cuda:0");

    assertThat(run.err().lines().toList().getLast())
        .matches(
            "fluxgate \\w+: device memory: \\d+ bytes wanted, \\d+ of 100000 free"
                + " \\(expected: enough\\); in use here \\d+ in \\d+ blocks, .*");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda:0", "cpu"})
  void findsEveryOpAsItShouldBe(String device) {
    CommandLineRun run = run("selftest --device " + device);

    List<String> lines = run.out().lines().toList();
    assertThat(lines.subList(1, lines.size() - 1)).hasSizeGreaterThan(30).allMatch(this::isOk);
    assertThat(lines.getLast()).matches("(\\d+) of \\1 ops as they should be");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  private boolean isOk(String line) {
    return line.startsWith("ok ");
  }

  @Test
  void measuresAStep() {
    CommandLineRun run =
        run("bench gpu --geometry tiny --size 128 --text-tokens 32 --rounds 1 --warmups 0");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("tiny, 128 x 128 pixels, 64 + 32 tokens")
        .containsPattern("step \\d+\\.\\d{4} s, .* % of the peak; weights 0\\.\\d\\d GiB")
        .doesNotContain("FINITE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--geometry huge | --geometry: huge (expected: klein-4b, klein-9b, dev, tiny)",
        "--device cpu    | --device: cpu (expected: cuda:N, N the number of a GPU)",
        "--device gpu    | --device: gpu (expected: cuda:N, N the number of a GPU)",
        "--size 17       | --size: 17 (expected: 64..4096)",
        "--size 100      | --size: 100 (expected: a multiple of 16)",
        "--rounds 0      | --rounds: 0 (expected: 1..1000)",
      })
  void refusesWhatCannotBeMeasured(String options, String complaint) {
    CommandLineRun run = run("bench gpu " + options);

    assertThat(run.err()).hasLineCount(1).contains(complaint);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
  }

  private static CommandLineRun run(String words) {
    return CommandLineRun.of(words.split(" "));
  }

  private static void assertFails(CommandLineRun run, String complaint) {
    assertThat(run.err().lines().toList().getLast()).startsWith("fluxgate ").endsWith(complaint);
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).isEmpty();
  }
}

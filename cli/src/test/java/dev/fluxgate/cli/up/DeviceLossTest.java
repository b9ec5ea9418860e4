package dev.fluxgate.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.CommandLineRun;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.engine.backend.cuda.driver.CudaLibrary;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda.Fault;
import dev.fluxgate.engine.backend.cuda.testing.NeedsCuda;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole system whose worker loses its device in the middle of a job. */
@NeedsCuda(fake = true)
@Timeout(300)
class DeviceLossTest {
  /** {@code FLUXGATE_FAKE_CUDA_FAULT}: the launch of this number reads where nothing is. */
  private static final String ILLEGAL_ADDRESS = "3:";

  @TempDir private Path folder;

  @Test
  void theJobIsFinishedByTheWorkerThatIsStartedAnew() throws Exception {
    draw("--device", "cuda:0");
    // More than a picture takes of encoder or worker, less than two take of the worker.
    long launch = FakeCuda.occasions(Fault.ILLEGAL_ADDRESS);
    Map<String, String> environment =
        Map.of(
            "FLUXGATE_CUDA_DRIVER",
            Objects.requireNonNull(System.getProperty(CudaLibrary.PROPERTY)),
            "FLUXGATE_FAKE_CUDA_FAULT",
            ILLEGAL_ADDRESS + launch);
    try (UpProcess up =
        UpProcess.start(
            environment, "--device", "cuda:0", "--http-port", "0", "--grpc-port", "0")) {
      up.awaitLine(line -> line.startsWith("denoiser-0 | attached to "));
      // The encoder may still be loading.
      assertThat(up.readyLine()).startsWith("ready ");
      String gateway = up.log().getLast().replaceFirst(".*attached to ([^ ]+) as .*", "$1");
      long first = up.child("denoiser-0").pid();

      draw("--server", gateway);
      assertThat(up.child("denoiser-0").pid()).isEqualTo(first);
      draw("--server", gateway);

      assertThat(up.child("denoiser-0").pid()).isNotEqualTo(first);
      up.terminate();
      assertThat(up.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(up.log())
          .anyMatch(line -> line.contains("denoiser-0 | ") && line.contains("DEVICE_LOST"))
          .anyMatch(line ->
              line.startsWith("denoiser-0 | fluxgate denoiser: cu")
                  && line.contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)"))
          .contains("up | denoiser-0 ended, exit code 1; starting it again in 0.2 s");
    }
  }

  private void draw(String... place) {
    List<String> arguments = new ArrayList<>(List.of("generate", "a red circle", "--steps", "4"));
    arguments.addAll(List.of("--width", "64", "--height", "64", "--seed", "7", "--quiet"));
    arguments.addAll(List.of("--out", folder.resolve("a.png").toString()));
    arguments.addAll(List.of(place));
    CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
  }
}

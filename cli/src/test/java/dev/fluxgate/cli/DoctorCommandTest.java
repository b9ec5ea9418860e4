package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Isolated: one test moves the checkout, as every other sees it. */
@Isolated
class DoctorCommandTest {
  private static final String ROOT = "fluxgate.root";

  @TempDir private Path folder;

  @Test
  void tellsWhatIsThere() {
    CommandLineRun run = CommandLineRun.of("doctor");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("bfloat16 on cpu", "float32 on cpu", "threads for this process", "heap up to")
        .contains("for demonstration", "generate --model DIR", "nothing is missing");
  }

  @Test
  void failsIfTheModelIsMissing() {
    String root = System.setProperty(ROOT, folder.toString());
    try {
      CommandLineRun run = CommandLineRun.of("doctor");

      assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(run.out()).contains("MISSING: " + folder.resolve("toy/model"), "1 missing");
    } finally {
      System.setProperty(ROOT, root);
    }
  }
}

package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import org.junit.jupiter.api.Test;

class FluxgateCommandTest {

  @Test
  void asksForACommand() {
    CommandLineRun run = CommandLineRun.of();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).hasLineCount(1).startsWith("fluxgate: no command (expected: ");
  }

  @Test
  void namesTheCommandsWhenOneIsUnknown() {
    CommandLineRun run = CommandLineRun.of("draw");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).hasLineCount(1).contains("draw (expected: one of", "golden");
  }

  @Test
  void refusesAnUnknownOptionInOneLine() {
    CommandLineRun run = CommandLineRun.of("golden", "somewhere", "--colour");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).hasLineCount(1).contains("--colour");
  }

  @Test
  void documentsItsExitCodes() {
    CommandLineRun run = CommandLineRun.of("help");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("Exit codes:", "could not be done", "golden", "completion");
  }

  @Test
  void tellsItsVersion() {
    CommandLineRun run = CommandLineRun.of("--version");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).startsWith("fluxgate ");
  }

  @Test
  void completesItsCommandsInAShell() {
    assertThat(CommandLineRun.of("completion").out()).contains("complete ", "golden");
  }
}

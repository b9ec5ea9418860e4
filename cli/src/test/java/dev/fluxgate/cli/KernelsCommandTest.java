package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is told of the compiled kernels, and the page about them. */
class KernelsCommandTest {
  @Test
  void printsATableForPeople() {
    CommandLineRun run = CommandLineRun.of("kernels");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .startsWith("Figures of sm_80, sm_86, sm_89, sm_90a, sm_120a; one where they are equal.")
        .containsPattern("(?m)^kernel +threads +shared +registers ")
        .containsPattern("(?m)^attention_bf16_64 +128 +0\\+24576 +\\d+(/\\d+){4} +0 +0 +3 ");
  }

  @ParameterizedTest
  @EnumSource(CudaKernel.class)
  void hasARowForEveryKernel(CudaKernel kernel) {
    assertThat(CommandLineRun.of("kernels").out()).containsOnlyOnce("\n" + kernel.symbol() + " ");
  }

  /** To bring the page up to date: ./fluxgate kernels --markdown > docs/kernels.md. */
  @Test
  void documentsEveryKernel() {
    assertThat(Path.of(System.getProperty("fluxgate.root"), "docs", "kernels.md"))
        .hasContent(CommandLineRun.of("kernels", "--markdown").out());
  }
}

package dev.fluxgate.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kernel of the catalogue on the emulator, against naive loops. */
@NeedsTools
final class KernelCheckTest {
  private static final Pattern LAUNCHED = Pattern.compile("(\\w+): \\d+ launches");

  @Test
  void findsNothingWrongWithAnyKernel(@TempDir Path folder) throws Exception {
    EmulatorProgram check = EmulatorProgram.run(folder.resolve("log"), "check");

    assertThat(check.exitCode()).as(check.text()).isZero();
    assertThat(check.lines().getLast()).matches("\\d+ cases: all right");
    assertThat(launched(check))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(CudaKernel.values())
                .filter(kernel -> !kernel.isTwin())
                .map(CudaKernel::symbol)
                .toList());
  }

  private static List<String> launched(EmulatorProgram check) {
    return check.lines().stream()
        .map(LAUNCHED::matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .toList();
  }
}

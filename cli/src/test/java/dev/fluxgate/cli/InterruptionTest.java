package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process of its own that is told to end while it draws. */
class InterruptionTest {
  private static final int SIGINT = 2;
  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void cancelsTheJobSaysSoAndLeavesNoPicture(String signal, int exitCode) throws Exception {
    assumeTrue(Files.isReadable(STATUS) && !(signal.equals("INT") && ignoresInterrupts()));
    Process process = start();
    List<String> said = new ArrayList<>();
    try (BufferedReader err = process.errorReader()) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        said.add(line);
        if (line.startsWith("step ") && said.stream().filter(line::equals).count() == 1) {
          send(signal, process);
        }
      }
    }

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(exitCode);
    assertThat(said).endsWith("fluxgate generate: cancelled");
    assertThat(folder).isEmptyDirectory();
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Dfluxgate.root=" + System.getProperty("fluxgate.root"),
            "-cp",
            System.getProperty("java.class.path"),
            FluxgateMain.class.getName(),
            "generate",
            "a red circle",
            "--steps",
            "1000",
            "--out",
            folder.resolve("a.png").toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void send(String signal, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  /** As every child of a shell's background job does, for good. */
  private static boolean ignoresInterrupts() throws IOException {
    String mask =
        Files.readAllLines(STATUS).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .findFirst()
            .orElse("0");
    return (Long.parseUnsignedLong(mask, 16) >> (SIGINT - 1) & 1) == 1;
  }
}

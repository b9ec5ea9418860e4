package dev.fluxgate.engine.backend.cuda.emulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a program of {@code engine/src/emulator} said.
 *
 * @param exitCode 0 if all is as it should be
 * @param lines both outputs
 */
record EmulatorProgram(int exitCode, List<String> lines) {
  private static final Path FOLDER =
      Path.of(System.getProperty("fluxgate.root"), "engine", "src", "emulator");

  /** Far longer than any takes, for a machine that is busy. */
  private static final int MINUTES = 30;

  /**
   * Runs {@code name} to its end.
   *
   * @param log a file for what it says
   */
  static EmulatorProgram run(Path log, String name, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(FOLDER.resolve(name).toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IllegalStateException(
          "%s: no end after %d minutes%n%s".formatted(name, MINUTES, Files.readString(log)));
    }
    return new EmulatorProgram(process.exitValue(), Files.readAllLines(log, UTF_8));
  }

  /** All of it, for messages. */
  String text() {
    return String.join("\n", lines);
  }
}

package dev.fluxgate.cli.up;

import dev.fluxgate.cli.FluxgateMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code fluxgate up} in a process, whose log is read as far as a test waits for. */
final class UpProcess implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final List<String> log = new ArrayList<>();
  private final Process process;
  private final BufferedReader lines;

  private UpProcess(Process process) {
    this.process = process;
    this.lines = process.errorReader();
  }

  static UpProcess start(String... options) throws IOException {
    return start(Map.of(), options);
  }

  /** The same with more in the environment. */
  static UpProcess start(Map<String, String> environment, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dfluxgate.root=" + System.getProperty("fluxgate.root"),
                "-cp",
                System.getProperty("java.class.path"),
                FluxgateMain.class.getName(),
                "up"));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return new UpProcess(builder.start());
  }

  List<String> log() {
    return log;
  }

  /** The one line that it prints; null where it ended without. */
  @Nullable String readyLine() throws IOException {
    return process.inputReader().readLine();
  }

  void awaitLine(Predicate<String> wanted) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      log.add(line);
      if (wanted.test(line)) {
        return;
      }
    }
    throw new AssertionError("the log ended: " + String.join("\n", log));
  }

  /** Tells it to stop, as a terminal or a supervisor would. */
  void terminate() {
    boolean _ = process.toHandle().destroy();
  }

  void kill() {
    boolean _ = process.toHandle().destroyForcibly();
  }

  /** Reads the rest of the log and waits for the end. */
  int exitCode() throws IOException, InterruptedException {
    lines.lines().forEach(log::add);
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after " + PATIENCE_SECONDS + " s");
    }
    return process.exitValue();
  }

  List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  /** By its own file: the JDK cuts command lines as long as a test's class path. */
  ProcessHandle child(String name) {
    return process.descendants().filter(each -> isCalled(each, name)).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    List<ProcessHandle> family = children();
    kill();
    family.forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean isCalled(ProcessHandle process, String name) {
    try {
      Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return Files.readString(file).contains("\0" + name + "\0");
    } catch (IOException _) {
      // It has ended meanwhile.
      return false;
    }
  }
}

package dev.fluxgate.system;

import dev.fluxgate.cli.FluxgateMain;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A service in a JVM of its own, started by its command as an operator starts it. */
final class ServiceProcess implements AutoCloseable {
  /** Only a process that hangs takes as long. */
  private static final long PATIENCE_SECONDS = 120;

  private static final int LAST_LINES = 20;

  private final String name;
  private final Process process;
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final CompletableFuture<String> address = new CompletableFuture<>();

  private ServiceProcess(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * Runs {@code fluxgate name options}; returns once it has said that it works.
   *
   * @param ready the line that says so; its group is the address that it works at
   * @throws AssertionError with its last lines if it ends before, or never says so
   */
  static ServiceProcess start(String name, Pattern ready, List<String> options)
      throws IOException, InterruptedException {
    ServiceProcess service = new ServiceProcess(name, process(name, options));
    Runtime.getRuntime().addShutdownHook(new Thread(service::kill));
    Thread.ofVirtual().start(() -> service.listen(ready));
    try {
      String _ = service.address.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return service;
    } catch (ExecutionException | TimeoutException e) {
      service.close();
      throw new AssertionError("not ready, " + service.lastWords(), e);
    }
  }

  private static Process process(String name, List<String> options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + SplitSystem.ROOT.resolve("deploy/jvm/engine.options"),
                "-XX:+UseSerialGC",
                "-Dfluxgate.root=" + SplitSystem.ROOT,
                "-cp",
                System.getProperty("java.class.path"),
                FluxgateMain.class.getName(),
                name));
    command.addAll(options);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private void listen(Pattern ready) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        Matcher found = ready.matcher(line);
        if (found.matches()) {
          address.complete(found.group(1));
        }
      }
      address.completeExceptionally(new EOFException(name));
    } catch (IOException e) {
      address.completeExceptionally(e);
    }
  }

  /** Where it works, "127.0.0.1:1234". */
  String address() {
    return address.join();
  }

  /** The group of the first line that matches. */
  String told(Pattern line) {
    return said.stream()
        .map(line::matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + line + ", " + lastWords()));
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Calls {@code listener} once it has ended, for whatever reason. */
  void onExit(Runnable listener) {
    var _ = process.onExit().thenRun(listener);
  }

  /** What it has said last, below its name and state. */
  String lastWords() {
    String state = process.isAlive() ? "runs" : "ended with exit code " + process.exitValue();
    List<String> last = said.subList(Math.max(0, said.size() - LAST_LINES), said.size());
    return "%s %s:%n  %s".formatted(name, state, String.join(System.lineSeparator() + "  ", last));
  }

  /** Tells it to stop, as a terminal or a supervisor would, and waits until it has. */
  @Override
  public void close() {
    // Not by the process itself, which would close the streams that it still writes to.
    boolean _ = handle().destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        kill();
        boolean _ = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
  }

  private void kill() {
    boolean _ = handle().destroyForcibly();
  }
}

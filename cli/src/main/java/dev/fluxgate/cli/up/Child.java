package dev.fluxgate.cli.up;

import dev.fluxgate.cli.service.SupervisedOption;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One life of a service in a process of its own. Threads may share it. */
final class Child {
  /** The JVM says so on its own before any code of ours runs. */
  private static final String INCUBATOR = "WARNING: Using incubator modules";

  /** A command complains in one line on stderr that begins with its name. */
  private static final Pattern COMPLAINT = Pattern.compile("fluxgate [a-z]+: (.*)");

  /** Far longer than a busy machine takes for what lies in the pipes. */
  private static final int PUMP_SECONDS = 20;

  private final Process process;
  private final Consumer<String> log;
  private final CountDownLatch pumped = new CountDownLatch(2);
  private final AtomicReference<String> complaint = new AtomicReference<>("");
  private final AtomicReference<String> lastWords = new AtomicReference<>("");
  private volatile boolean started;
  private volatile boolean ready;

  private Child(Process process, Consumer<String> log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts {@code command}.
   *
   * @param log takes every line that it prints
   * @throws UncheckedIOException if there can be no such process
   */
  static Child start(List<String> command, Consumer<String> log) {
    try {
      Child child = new Child(new ProcessBuilder(command).start(), log);
      Thread.ofVirtual()
          .start(() -> child.pump(child.process.inputReader(StandardCharsets.UTF_8), true));
      Thread.ofVirtual()
          .start(() -> child.pump(child.process.errorReader(StandardCharsets.UTF_8), false));
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException(command.getFirst() + ": " + e.getMessage(), e);
    }
  }

  /** Whether it has said that it runs, which services do on stdout. */
  boolean isStarted() {
    return started;
  }

  /** Whether it has said that jobs can run, which a gateway does. */
  boolean isReady() {
    return ready;
  }

  /** What it complained of, else what it said last: its log may go on while it ends. */
  String lastWords() {
    return complaint.get().isEmpty() ? lastWords.get() : complaint.get();
  }

  /** Waits for its end and for its last words; the exit code. */
  int awaitEnd() throws InterruptedException {
    int exitCode = process.waitFor();
    // A grandchild could hold the streams open for ever.
    boolean _ = pumped.await(PUMP_SECONDS, TimeUnit.SECONDS);
    return exitCode;
  }

  /** Tells it that the whole system stops, so that signals are no longer its business. */
  void hold() {
    say(SupervisedOption.HOLD);
  }

  /** Asks it to stop in its own time. */
  void stop() {
    say(SupervisedOption.STOP);
  }

  private void say(char word) {
    try {
      OutputStream stdin = process.getOutputStream();
      stdin.write(word);
      stdin.flush();
    } catch (IOException _) {
      // It has ended already.
    }
  }

  /** Ends it at once. */
  void kill() {
    Process _ = process.destroyForcibly();
  }

  private void hear(String line) {
    lastWords.set(line);
    Matcher named = COMPLAINT.matcher(line);
    if (named.matches()) {
      complaint.set(named.group(1));
    }
  }

  private void pump(BufferedReader lines, boolean stdout) {
    try (lines) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith(INCUBATOR)) {
          hear(line);
          log.accept(line);
          started |= stdout;
          ready |= stdout && line.equals(SupervisedOption.READY);
        }
      }
    } catch (IOException e) {
      log.accept("its output is lost: " + e.getMessage());
    } finally {
      pumped.countDown();
    }
  }
}

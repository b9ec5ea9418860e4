package dev.fluxgate.cli.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** The lines that a person types, with editing, history and completion. */
final class TerminalLines implements LineSource {
  private static final String PROMPT = "> ";

  private final Terminal terminal;
  private final LineReader reader;

  private TerminalLines(Terminal terminal, LineReader reader) {
    this.terminal = terminal;
    this.reader = reader;
  }

  /**
   * Takes the terminal of this process.
   *
   * @param history where earlier lines are kept
   */
  static TerminalLines open(Path history, Completer completer) {
    try {
      Terminal terminal = TerminalBuilder.builder().system(true).build();
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .appName("fluxgate")
              .completer(completer)
              .variable(LineReader.HISTORY_FILE, history)
              // An exclamation mark in a prompt is no reference to an earlier one.
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      return new TerminalLines(terminal, reader);
    } catch (IOException e) {
      throw new UncheckedIOException("terminal: " + e.getMessage(), e);
    }
  }

  @Override
  public @Nullable String next() {
    while (true) {
      try {
        return reader.readLine(PROMPT);
      } catch (UserInterruptException _) {
        // Ctrl-C drops the line, as shells do.
      } catch (EndOfFileException _) {
        return null;
      }
    }
  }

  @Override
  public Watch watch(Runnable cancel) {
    SignalHandler before =
        terminal.handle(
            Terminal.Signal.INT,
            // On a thread of its own: the terminal's may not wait for a gateway.
            _ -> Thread.startVirtualThread(cancel));
    return () -> terminal.handle(Terminal.Signal.INT, before);
  }

  @Override
  public void close() {
    try {
      reader.getHistory().save();
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException("history: " + e.getMessage(), e);
    }
  }
}

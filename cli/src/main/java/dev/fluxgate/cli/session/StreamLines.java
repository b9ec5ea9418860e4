package dev.fluxgate.cli.session;

import dev.fluxgate.cli.generate.Interruption;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** The lines of a file or a pipe; Ctrl-C ends the process. */
final class StreamLines implements LineSource {
  private final BufferedReader lines;

  StreamLines(Reader reader) {
    lines = new BufferedReader(reader);
  }

  @Override
  public @Nullable String next() {
    try {
      return lines.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException("stdin: " + e.getMessage() + " (expected: lines)", e);
    }
  }

  @Override
  public Watch watch(Runnable cancel) {
    Interruption interruption = Interruption.watch(() -> {});
    interruption.cancelWith(cancel);
    return interruption::close;
  }

  @Override
  public void close() {}
}

package dev.fluxgate.cli.terminal;

import java.io.PrintWriter;
import java.util.List;

/** Shows how far a job is. Threads may share one. */
public sealed interface Progress extends AutoCloseable
    permits SilentProgress, PlainProgress, BarProgress {

  /** A stage without steps has begun, in words. */
  void stage(String words);

  /** So many of {@code total} steps are done; nothing is shown while the total is not known, 0. */
  void step(int step, int total);

  /**
   * Draws {@code rows} above what is drawn over and over, in the place of those drawn before; only
   * where something is.
   */
  void above(List<String> rows);

  /** Clears what will not stay; nothing is shown from now on. */
  @Override
  void close();

  /** A bar on a terminal, lines in a file, nothing if the user wants none. */
  static Progress on(PrintWriter out, boolean terminal, boolean quiet) {
    if (quiet) {
      return new SilentProgress();
    }
    return terminal ? new BarProgress(out, System::nanoTime) : new PlainProgress(out);
  }
}

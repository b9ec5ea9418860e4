package dev.fluxgate.cli.terminal;

import java.io.PrintWriter;

/** Shows how far a job is. */
public sealed interface Progress permits SilentProgress, PlainProgress, BarProgress {

  /** A stage without steps has begun, in words. */
  void stage(String words);

  /** So many of {@code total} steps are done. */
  void step(int step, int total);

  /** Nothing more follows. */
  void close();

  /** A bar on a terminal, lines in a file, nothing if the user wants none. */
  static Progress on(PrintWriter out, boolean terminal, boolean quiet) {
    if (quiet) {
      return new SilentProgress();
    }
    return terminal ? new BarProgress(out, System::nanoTime) : new PlainProgress(out);
  }
}

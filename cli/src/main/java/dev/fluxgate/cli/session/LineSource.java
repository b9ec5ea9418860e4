package dev.fluxgate.cli.session;

import org.jspecify.annotations.Nullable;

/** Where the lines of a session come from. */
interface LineSource extends AutoCloseable {

  /** The next line; null after the last. */
  @Nullable String next();

  /** Until it is closed, Ctrl-C calls {@code cancel}. */
  Watch watch(Runnable cancel);

  @Override
  void close();

  /** What ends with a job. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}

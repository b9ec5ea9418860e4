package dev.fluxgate.encoder.batch;

/**
 * Long work on the device, done in steps so that prompts get their turn in between. Called on the
 * device thread alone.
 *
 * @param <T> what comes of it
 */
public interface SteppedTask<T> extends AutoCloseable {

  /**
   * Takes the next step; the first one begins.
   *
   * @return whether there is another
   */
  boolean step();

  /** What came of it, after the last step. */
  T result();

  /** Frees what the steps took. Called once, also where nothing was begun. */
  @Override
  void close();
}

package dev.fluxgate.gateway.watch;

/** A watcher wants to go on after a change that has not been. */
public final class FutureSequenceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  FutureSequenceException(long after, long sequence) {
    super("after_sequence: " + after + " (expected: 0.." + sequence + ", the last of this job)");
  }
}

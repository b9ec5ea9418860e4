package dev.fluxgate.cli.service;

import picocli.CommandLine.Option;

/** Marks a process that {@code up} has started. */
public final class SupervisedOption {
  /** The option. */
  public static final String NAME = "--supervised";

  /** What a parent says on stdin when it stops the whole system: nobody heeds signals any more. */
  public static final char HOLD = 'h';

  /** What a parent says on stdin when it is this service's turn. */
  public static final char STOP = 's';

  /** The line by which a gateway tells its parent that a job can run. */
  public static final String READY = "ready";

  @Option(names = NAME, hidden = true, description = "Obey stdin, and end with it.")
  private boolean supervised;

  /** Whether another process of ours watches over this one. */
  boolean isSupervised() {
    return supervised;
  }
}

package dev.fluxgate.cli.option;

/** What a run of the command line ends with, as documented by {@code fluxgate help}. */
public final class ExitCode {
  /** The job is done. */
  public static final int OK = 0;

  /** The arguments were right, and still it could not be done. */
  public static final int FAILED = 1;

  /** The arguments were wrong. */
  public static final int USAGE = 2;

  private ExitCode() {}
}

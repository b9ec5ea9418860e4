package dev.fluxgate.cli.terminal;

/** Shows nothing. */
record SilentProgress() implements Progress {
  @Override
  public void stage(String words) {}

  @Override
  public void step(int step, int total) {}

  @Override
  public void close() {}
}

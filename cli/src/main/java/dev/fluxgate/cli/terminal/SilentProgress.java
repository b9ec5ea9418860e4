package dev.fluxgate.cli.terminal;

import java.util.List;

/** Shows nothing. */
record SilentProgress() implements Progress {
  @Override
  public void stage(String words) {}

  @Override
  public void step(int step, int total) {}

  @Override
  public void above(List<String> rows) {}

  @Override
  public void close() {}
}

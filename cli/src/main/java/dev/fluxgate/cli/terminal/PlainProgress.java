package dev.fluxgate.cli.terminal;

import java.io.PrintWriter;

/** A line for every stage and every tenth of the steps: for logs. */
final class PlainProgress implements Progress {
  private static final int LINES = 10;

  private final PrintWriter out;
  private String stage = "";
  private int tenth = -1;

  PlainProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void stage(String words) {
    if (!words.equals(stage)) {
      stage = words;
      print(words);
    }
  }

  @Override
  public void step(int step, int total) {
    int reached = total == 0 ? 0 : (int) ((long) step * LINES / total);
    if (reached > tenth) {
      tenth = reached;
      print("step " + step + " of " + total);
    }
  }

  @Override
  public void close() {}

  private void print(String line) {
    out.println(line);
    out.flush();
  }
}

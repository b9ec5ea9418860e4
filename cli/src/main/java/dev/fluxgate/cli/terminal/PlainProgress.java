package dev.fluxgate.cli.terminal;

import java.io.PrintWriter;
import java.util.List;

/** A line for every stage and every tenth of the steps: for logs. */
final class PlainProgress implements Progress {
  private static final int LINES = 10;

  private final PrintWriter out;
  private String stage = "";
  private int tenth = -1;
  private boolean closed;

  PlainProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public synchronized void stage(String words) {
    if (!words.equals(stage)) {
      stage = words;
      print(words);
    }
  }

  @Override
  public synchronized void step(int step, int total) {
    if (total <= 0) {
      return;
    }
    int reached = (int) ((long) step * LINES / total);
    if (reached > tenth) {
      tenth = reached;
      print("step " + step + " of " + total);
    }
  }

  @Override
  public void above(List<String> rows) {}

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void print(String line) {
    if (!closed) {
      out.println(line);
      out.flush();
    }
  }
}

package dev.fluxgate.cli.terminal;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** One line of a terminal, drawn over and over: bar, steps, time a step, time left. */
final class BarProgress implements Progress {
  private static final int WIDTH = 30;
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final String CLEAR_REST = "\u001b[K\n";

  private final PrintWriter out;
  private final LongSupplier nanoClock;
  private String shown = "";
  private int rowsAbove;
  private boolean closed;
  private int firstStep = -1;
  private long firstNanos;

  BarProgress(PrintWriter out, LongSupplier nanoClock) {
    this.out = out;
    this.nanoClock = nanoClock;
  }

  @Override
  public synchronized void stage(String words) {
    draw("  " + words);
  }

  @Override
  public synchronized void step(int step, int total) {
    if (total <= 0) {
      return;
    }
    if (firstStep < 0) {
      firstStep = step;
      firstNanos = nanoClock.getAsLong();
    }
    int filled = (int) ((long) step * WIDTH / total);
    String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
    draw("  denoising [" + bar + "] " + step + "/" + total + pace(step, total));
  }

  @Override
  public synchronized void above(List<String> rows) {
    if (closed) {
      return;
    }
    StringBuilder text = new StringBuilder(CLEAR_LINE);
    if (rowsAbove > 0) {
      text.append("\u001b[").append(rowsAbove).append('A');
    }
    rows.forEach(row -> text.append(row).append(CLEAR_REST));
    // Fewer than before: what is left of those goes.
    text.append(CLEAR_REST.repeat(Math.max(0, rowsAbove - rows.size())));
    rowsAbove = Math.max(rowsAbove, rows.size());
    out.print(text + shown);
    out.flush();
  }

  @Override
  public synchronized void close() {
    draw("");
    closed = true;
  }

  /** The first steps pay for warming up, so the pace is that of the steps seen since. */
  private String pace(int step, int total) {
    if (step <= firstStep) {
      return "";
    }
    double each = (nanoClock.getAsLong() - firstNanos) / 1e9 / (step - firstStep);
    String pace = String.format(Locale.ROOT, "  %.2f s a step", each);
    return step == total ? pace : pace + ", " + duration(each * (total - step)) + " left";
  }

  private static String duration(double exactly) {
    long seconds = (long) Math.ceil(exactly);
    return seconds < 60
        ? seconds + " s"
        : String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
  }

  private void draw(String line) {
    if (!closed && !line.equals(shown)) {
      shown = line;
      out.print(CLEAR_LINE + line);
      out.flush();
    }
  }
}

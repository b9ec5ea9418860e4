package dev.fluxgate.cli.terminal;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** One line of a terminal, drawn over and over: bar, steps, time a step, time left. */
final class BarProgress implements Progress {
  private static final int WIDTH = 30;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter out;
  private final LongSupplier nanoClock;
  private int firstStep = -1;
  private long firstNanos;

  BarProgress(PrintWriter out, LongSupplier nanoClock) {
    this.out = out;
    this.nanoClock = nanoClock;
  }

  @Override
  public void stage(String words) {
    draw("  " + words);
  }

  @Override
  public void step(int step, int total) {
    if (firstStep < 0) {
      firstStep = step;
      firstNanos = nanoClock.getAsLong();
    }
    int filled = total == 0 ? 0 : (int) ((long) step * WIDTH / total);
    String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
    draw("  denoising [" + bar + "] " + step + "/" + total + pace(step, total));
  }

  @Override
  public void close() {
    draw("");
  }

  /** The first steps pay for warming up, so the pace is that of the steps seen since. */
  private String pace(int step, int total) {
    if (step <= firstStep) {
      return "";
    }
    double each = (nanoClock.getAsLong() - firstNanos) / 1e9 / (step - firstStep);
    long left = Math.round(each * (total - step));
    return String.format(Locale.ROOT, "  %.2f s a step, %s left", each, duration(left));
  }

  private static String duration(long seconds) {
    return seconds < 60
        ? seconds + " s"
        : String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
  }

  private void draw(String line) {
    out.print(CLEAR_LINE + line);
    out.flush();
  }
}

package dev.fluxgate.cli.golden;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;

/** The error table and its sum. */
public final class GoldenReport {
  private final PrintWriter out;
  private int passed;
  private int failed;
  private int skipped;

  /** A report with its heading, written to {@code out} as results come. */
  public GoldenReport(PrintWriter out) {
    this.out = out;
    row("family", "case", "tensor", "dtype", "max abs", "mean abs", "allowed", "mean", "verdict");
  }

  /** Adds the lines of {@code result}. */
  public void add(CaseResult result) {
    GoldenCase golden = result.golden();
    switch (result) {
      case CaseResult.Compared compared -> {
        compared.findings().forEach(finding -> add(golden, finding));
        count(compared.passed());
      }
      case CaseResult.Broken broken -> {
        String reason = Objects.requireNonNullElse(broken.error().getMessage(), "");
        String kind = broken.error().getClass().getSimpleName();
        dashes(golden, "FAILED: " + kind + ": " + reason.replaceAll("\\s*\\R\\s*", "; "));
        count(false);
      }
      case CaseResult.Skipped skip -> {
        dashes(golden, "skipped: " + skip.reason());
        skipped++;
      }
    }
    out.flush();
  }

  /**
   * Prints how many cases passed, failed and were skipped.
   *
   * @param device where models computed
   */
  public void close(String device) {
    out.printf("%d passed, %d failed, %d skipped (%s)%n", passed, failed, skipped, device);
    out.flush();
  }

  /** Whether no case failed. */
  public boolean isGood() {
    return failed == 0;
  }

  private void count(boolean good) {
    if (good) {
      passed++;
    } else {
      failed++;
    }
  }

  private void add(GoldenCase golden, Finding finding) {
    Deviation deviation = finding.deviation();
    String verdict = finding.passed() ? "ok" : "FAILED";
    row(
        golden.family(),
        golden.name(),
        finding.subject(),
        finding.dtype(),
        deviation == null ? "-" : number(deviation.maxAbs()),
        deviation == null ? "-" : number(deviation.meanAbs()),
        number(finding.tolerance().maxAbs()),
        number(finding.tolerance().meanAbs()),
        finding.note().isEmpty() ? verdict : verdict + ": " + finding.note());
  }

  private void dashes(GoldenCase golden, String verdict) {
    row(golden.family(), golden.name(), "-", "-", "-", "-", "-", "-", verdict);
  }

  private void row(String... cells) {
    out.printf(Locale.ROOT, "%-20s %-26s %-34s %-5s %9s %9s %9s %9s  %s%n", (Object[]) cells);
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.2e", value);
  }
}

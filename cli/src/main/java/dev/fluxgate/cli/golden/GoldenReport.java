package dev.fluxgate.cli.golden;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/** The error table and its sum. */
public final class GoldenReport {
  private final PrintWriter out;
  private final Map<String, FamilySummary> families = new LinkedHashMap<>();

  /** A report with its heading, written to {@code out} as results come. */
  public GoldenReport(PrintWriter out) {
    this.out = out;
    row("family", "case", "tensor", "dtype", "max", "mean", "max <=", "mean <=", "verdict");
  }

  /** Adds the lines of {@code result}. */
  public void add(CaseResult result) {
    GoldenCase golden = result.golden();
    families.computeIfAbsent(golden.family(), FamilySummary::new).add(result);
    switch (result) {
      case CaseResult.Compared compared -> {
        compared.findings().forEach(finding -> add(golden, finding));
        if (compared.findings().isEmpty()) {
          wholeCase(golden, "FAILED: nothing was compared");
        }
      }
      case CaseResult.Broken broken -> {
        String reason = Objects.requireNonNullElse(broken.error().getMessage(), "");
        String kind = broken.error().getClass().getSimpleName();
        wholeCase(golden, "FAILED: " + kind + ": " + reason.replaceAll("\\s*\\R\\s*", "; "));
      }
      case CaseResult.Skipped skip -> wholeCase(golden, "skipped: " + skip.reason());
    }
    out.flush();
  }

  /**
   * Prints a line a family, and how many cases passed, failed and were skipped.
   *
   * @param device where models computed
   */
  public void close(String device) {
    out.printf("%n%s%n", FamilySummary.HEADING);
    families.values().forEach(family -> out.println(family.line()));
    out.println(
        "worst: share of what is allowed; intermediates in bfloat16 may take up to 1.41 of it");
    out.printf(
        "%n%d passed, %d failed, %d skipped (%s)%n",
        count(FamilySummary::passed),
        count(FamilySummary::failed),
        count(FamilySummary::skipped),
        device);
    out.flush();
  }

  /** Whether no case failed. */
  public boolean isGood() {
    return count(FamilySummary::failed) == 0;
  }

  private int count(ToIntFunction<FamilySummary> part) {
    return families.values().stream().mapToInt(part).sum();
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

  private void wholeCase(GoldenCase golden, String verdict) {
    out.printf("%-20s %-26s %s%n", golden.family(), golden.name(), verdict);
  }

  private void row(String... cells) {
    out.printf(Locale.ROOT, "%-20s %-26s %-34s %-5s %9s %9s %9s %9s  %s%n", (Object[]) cells);
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.2e", value);
  }
}

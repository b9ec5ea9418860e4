package dev.fluxgate.cli.golden;

import java.util.Locale;

/**
 * What became of the cases of one family, and how near the worst tensors came to their bounds. An
 * intermediate in bfloat16 passes up to 141 %, see {@link CaseRun}.
 */
final class FamilySummary {
  /** Over the lines. */
  static final String HEADING =
      row("family", "passed", "failed", "skipped", "tensors", "worst out", "worst mid", "where");

  private final String family;
  private int passed;
  private int failed;
  private int skipped;
  private int tensors;
  private double worstOutput;
  private double worstIntermediate;
  private String where = "";

  FamilySummary(String family) {
    this.family = family;
  }

  void add(CaseResult result) {
    switch (result) {
      case CaseResult.Compared compared -> {
        compared.findings().forEach(finding -> add(compared.golden(), finding));
        count(compared.passed());
      }
      case CaseResult.Broken _ -> count(false);
      case CaseResult.Skipped _ -> skipped++;
    }
  }

  int passed() {
    return passed;
  }

  int failed() {
    return failed;
  }

  int skipped() {
    return skipped;
  }

  /** The worst of outputs and of intermediates as shares of what was allowed, and which output. */
  String line() {
    return row(
        family,
        passed,
        failed,
        skipped,
        tensors,
        share(worstOutput),
        share(worstIntermediate),
        where);
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
    if (deviation == null) {
      return;
    }
    tensors++;
    double share = deviation.share(finding.tolerance());
    if (!finding.subject().startsWith("out.")) {
      worstIntermediate = Math.max(worstIntermediate, share);
    } else if (share > worstOutput) {
      worstOutput = share;
      where = golden.name() + " " + finding.subject();
    }
  }

  private String share(double share) {
    if (share == 0) {
      return tensors == 0 ? "-" : "exact";
    }
    return Double.isInfinite(share)
        ? "not exact"
        : String.format(Locale.ROOT, share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share);
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, "%-20s %6s %6s %7s %7s  %-10s %-10s %s", cells)
        .stripTrailing();
  }
}

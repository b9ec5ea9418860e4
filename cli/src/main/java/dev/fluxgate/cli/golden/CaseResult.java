package dev.fluxgate.cli.golden;

import java.util.List;

/** What became of a case. */
public sealed interface CaseResult {
  /** Which case. */
  GoldenCase golden();

  /**
   * It was run.
   *
   * @param golden which case
   * @param findings one a tensor or document
   * @param millis how long it took
   */
  record Compared(GoldenCase golden, List<Finding> findings, long millis) implements CaseResult {
    /** Copies the list. */
    public Compared {
      findings = List.copyOf(findings);
    }

    /** Whether something was compared and all of it passed. */
    public boolean passed() {
      return !findings.isEmpty() && findings.stream().allMatch(Finding::passed);
    }
  }

  /**
   * It broke off.
   *
   * @param golden which case
   * @param error why
   */
  record Broken(GoldenCase golden, Throwable error) implements CaseResult {}

  /**
   * It asks for something that is not built yet.
   *
   * @param golden which case
   * @param reason what
   */
  record Skipped(GoldenCase golden, String reason) implements CaseResult {}
}

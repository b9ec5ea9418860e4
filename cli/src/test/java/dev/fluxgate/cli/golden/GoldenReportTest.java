package dev.fluxgate.cli.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoldenReportTest {
  private static final Tolerance ALLOWED = new Tolerance(1, 0.5);

  private final StringWriter shown = new StringWriter();
  private final GoldenReport report = new GoldenReport(new PrintWriter(shown));

  @Test
  void sumsUpAFamilyWithItsWorstOutput() {
    report.add(compared("one", finding("out.a", 0.25, 0.01), finding("mid.b", 0.9, 0.1)));
    report.add(compared("two", finding("out.c", 0.1, 0.2)));
    report.close("here");

    assertThat(shown.toString())
        .containsPattern("x +2 +0 +0 +3 +40 % +90 % +two out.c")
        .endsWith("2 passed, 0 failed, 0 skipped (here)" + System.lineSeparator());
    assertThat(report.isGood()).isTrue();
  }

  @Test
  void tellsExactFromNearlyExact() {
    report.add(compared("one", finding("out.a", 0, 0), finding("mid.b", 0.001, 0)));
    report.close("here");

    assertThat(shown.toString()).containsPattern("x +1 +0 +0 +2 +exact +0.1 %");
  }

  @Test
  void fails() {
    Finding wrong = new Finding("out.a", "F32", new Deviation(2, 1), ALLOWED, false, "");
    report.add(compared("one", wrong));
    report.add(compared("two"));
    report.add(new CaseResult.Broken(golden("three"), new IllegalStateException("no\n  way")));
    report.close("here");

    assertThat(shown.toString())
        .containsPattern("x +one +out.a .* FAILED")
        .containsPattern("x +two +FAILED: nothing was compared")
        .containsPattern("x +three +FAILED: IllegalStateException: no; way")
        .contains("0 passed, 3 failed, 0 skipped");
    assertThat(report.isGood()).isFalse();
  }

  @Test
  void tellsWhyACaseIsSkippedBesideItsName() {
    report.add(new CaseResult.Skipped(golden("one"), "tiling is not built yet"));
    report.close("here");

    assertThat(shown.toString())
        .containsPattern("x +one +skipped: tiling is not built yet")
        .contains("0 passed, 0 failed, 1 skipped");
  }

  private static CaseResult compared(String name, Finding... findings) {
    return new CaseResult.Compared(golden(name), List.of(findings), 1);
  }

  private static Finding finding(String subject, double max, double mean) {
    return new Finding(subject, "F32", new Deviation(max, mean), ALLOWED, true, "");
  }

  private static GoldenCase golden(String name) {
    return new GoldenCase(Path.of(name), "x", name, "op", MissingNode.getInstance(), "", List.of());
  }
}

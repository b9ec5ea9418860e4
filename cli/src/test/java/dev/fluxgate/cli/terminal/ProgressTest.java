package dev.fluxgate.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
  private final StringWriter shown = new StringWriter();
  private final PrintWriter out = new PrintWriter(shown);

  @Test
  void printsALineForEveryTenthInALog() {
    Progress progress = Progress.on(out, false, false);

    progress.stage("encoding");
    progress.stage("encoding");
    for (int step = 0; step <= 50; step++) {
      progress.step(step, 50);
    }
    progress.close();

    assertThat(shown.toString()).hasLineCount(12).contains("step 5 of 50").doesNotContain("\r");
  }

  @Test
  void tellsTheTimeLeftOnATerminal() {
    AtomicLong clock = new AtomicLong();
    BarProgress progress = new BarProgress(out, clock::get);

    progress.step(1, 10);
    clock.set(4_000_000_000L);
    progress.step(3, 10);

    assertThat(shown.toString()).contains("3/10  2.00 s a step, 14 s left");
  }

  @Test
  void writesLongTimesInMinutes() {
    AtomicLong clock = new AtomicLong();
    BarProgress progress = new BarProgress(out, clock::get);

    progress.step(0, 50);
    clock.set(10_000_000_000L);
    progress.step(1, 50);

    assertThat(shown.toString()).contains("8:10 min left");
  }

  @Test
  void leavesAnEmptyLineBehind() {
    Progress progress = Progress.on(out, true, false);

    progress.stage("encoding");
    progress.close();

    assertThat(shown.toString()).endsWith("\r\u001b[K");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void showsNoStepsBeforeTheirNumberIsKnown(boolean terminal) {
    Progress.on(out, terminal, false).step(0, 0);

    assertThat(shown.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void showsNothingOnceClosed(boolean terminal) {
    Progress progress = Progress.on(out, terminal, false);
    progress.close();

    progress.stage("decoding");
    progress.step(1, 2);
    progress.close();

    assertThat(shown.toString()).isEmpty();
  }

  @Test
  void tellsNoTimeLeftAfterTheLastStep() {
    BarProgress progress = new BarProgress(out, new AtomicLong()::incrementAndGet);

    progress.step(1, 2);
    progress.step(2, 2);

    assertThat(shown.toString()).endsWith("2/2  0.00 s a step");
  }

  @Test
  void staysSilentIfAsked() {
    Progress progress = Progress.on(out, true, true);

    progress.stage("encoding");
    progress.step(1, 2);
    progress.close();

    assertThat(shown.toString()).isEmpty();
  }
}

package dev.fluxgate.cli.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CaseRunTest {
  private static final Shape PAIR = Shape.of(2);
  private static final Tolerance ALLOWED = new Tolerance(0.5, 0.5);

  private final Backend backend = new ReferenceBackend();
  private final CaseRun run =
      new CaseRun(
          new GoldenCase(
              Path.of("c"),
              "f",
              "c",
              "op",
              MissingNode.getInstance(),
              "",
              List.of(
                  new GoldenTensor("in.x", DType.F32, PAIR, Tolerance.EXACT),
                  new GoldenTensor("mid.rounded", DType.BF16, PAIR, ALLOWED),
                  new GoldenTensor("mid.exact", DType.F32, PAIR, ALLOWED),
                  new GoldenTensor("out.y", DType.F32, PAIR, ALLOWED))),
          Map.of(
              "in.x", floats(1, 2),
              "mid.rounded", HostTensor.of(DType.BF16, PAIR, 1, 2),
              "mid.exact", floats(1, 2),
              "out.y", floats(1, 2)),
          backend);

  @AfterEach
  void closes() {
    backend.close();
  }

  @Test
  void givesInputs() {
    assertThat(run.input("x").getDouble(1)).isEqualTo(2);
    assertThat(run.optionalInput("z")).isNull();
    assertThatThrownBy(() -> run.input("z"))
        .isInstanceOf(GoldenCaseException.class)
        .hasMessage("c: no tensor in.z");
  }

  @Test
  void passesWhatIsWithinAndFailsWhatIsNot() {
    run.put("y", floats(1.5f, 2));
    assertThat(only().passed()).isTrue();

    run.put("y", floats(1.75f, 2));
    assertThat(run.findings().getLast().passed()).isFalse();
  }

  @Test
  void failsAnOutputThatWasNotMade() {
    assertThat(only().passed()).isFalse();
    assertThat(only().note()).isEqualTo("not made");
  }

  @Test
  void failsAnotherShapeAndTellsBoth() {
    run.put("y", HostTensor.of(DType.F32, Shape.of(3), 1, 2, 3));

    assertThat(only().passed()).isFalse();
    assertThat(only().note()).isEqualTo("shape [3] (expected: [2])");
  }

  @Test
  void widensTheBoundOfRoundedIntermediatesAlone() {
    run.put("y", floats(1, 2));
    run.putIntermediate("rounded", floats(1.6875f, 2));
    run.putIntermediate("exact", floats(1.6875f, 2));
    run.putIntermediate("unknown", floats(9, 9));

    assertThat(run.findings()).extracting(Finding::passed).containsExactly(true, true, false);
    assertThat(run.findings().get(1).note()).contains("1.41 times");
  }

  @Test
  void leavesOutWhatTheCaseHasInFront() {
    run.put("y", floats(1, 2));
    run.putLast("exact", floats(2));
    run.putLast("exact", floats(1, 2));
    run.putLast("exact", floats(1));
    run.putLast("exact", floats(0, 1, 2));
    run.putLast("unknown", floats(9));

    assertThat(run.findings())
        .extracting(Finding::passed)
        .containsExactly(true, true, true, false, false);
    assertThat(run.findings().getLast().note()).isEqualTo("shape [3] (expected: [2])");
  }

  @Test
  void keepsOutputsInTheTypeOfTheGolden() {
    run.putIntermediate("exact", floats(1, 2));
    run.put("y", HostTensor.of(DType.BF16, PAIR, 1, 2));

    assertThat(run.outputs()).containsOnlyKeys("out.y");
    assertThat(run.outputs().get("out.y"))
        .satisfies(tensor -> assertThat(tensor.dtype()).isEqualTo(DType.F32));
  }

  @Test
  void refusesAnOutputThatNobodyExpects() {
    assertThatThrownBy(() -> run.put("z", floats(1, 2)))
        .isInstanceOf(GoldenCaseException.class)
        .hasMessage("c: no tensor out.z to compare with");
  }

  @Test
  void takesVerdictsOnDocuments() {
    run.put("y", floats(1, 2));
    run.judge("a.json", "json", "");
    run.judge("b.json", "json", "row 3 differs");

    assertThat(run.findings()).extracting(Finding::passed).containsExactly(true, true, false);
  }

  private Finding only() {
    assertThat(run.findings()).hasSize(1);
    return run.findings().getFirst();
  }

  private static HostTensor floats(float... values) {
    return HostTensor.of(DType.F32, Shape.of(values.length), values);
  }
}

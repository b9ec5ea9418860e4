package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The judge judged: faults that a back end might have must not pass. */
final class TrialTest {
  private final Trial trial = new Trial(new ReferenceBackend(), DType.BF16);

  @Test
  void noticesAWrittenInput() {
    HostTensor x = trial.uniform(2, 3);
    Scene scene =
        stage -> {
          Tensor in = stage.input(x);
          stage.backend().silu(in, in);
          return in;
        };
    assertThatThrownBy(() -> trial.play(scene))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("written outside of the output, in [2, 3]");
  }

  @Test
  void noticesAColumnWrittenBesideTheOutput() {
    HostTensor x = trial.uniform(2, 4);
    Scene scene =
        stage -> {
          Tensor out = stage.output(2, 3);
          Tensor wider =
              new Tensor(
                  out.dtype(), Shape.of(1, 4), out.rowStride() + 1, out.offset(), out.storage());
          stage.backend().copy(stage.input(x).rows(0, 1), wider);
          stage.backend().copy(stage.input(x).columns(0, 3), out);
          return out;
        };
    assertThatThrownBy(() -> trial.compareExactly(scene))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("written outside of the output");
  }

  @Test
  void noticesAnElementThatWasNotWritten() {
    HostTensor x = trial.uniform(2, 3);
    Scene scene =
        stage -> {
          Tensor out = stage.output(2, 3);
          stage.backend().copy(stage.input(x).rows(0, 1), out.rows(0, 1));
          return out;
        };
    Tolerance tolerance = Tolerance.reduction(1, 1);
    assertThatThrownBy(() -> trial.compare(tolerance, scene))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("row 1, column 0 of [2, 3]: NaN");
  }

  @Test
  void noticesAStoreThatTruncates() {
    HostTensor exact = HostTensor.of(DType.F32, Shape.of(1, 1), 1 + 0.75f * 0x1p-7f);
    HostTensor rounded = HostTensor.of(DType.BF16, Shape.of(1, 1), 1 + 0x1p-7f);
    HostTensor truncated = HostTensor.of(DType.BF16, Shape.of(1, 1), 1);
    Tolerance tolerance = Tolerance.reduction(1025, 1);
    assertThatCode(() -> tolerance.check(exact, rounded)).doesNotThrowAnyException();
    assertThatThrownBy(() -> tolerance.check(exact, truncated))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("row 0, column 0 of [1, 1]: 1.0");
  }

  @Test
  void noticesARoundingLeftOut() {
    HostTensor x = trial.uniform(DType.F32, 0, 4, 1, 200);
    HostTensor rounded = HostTensor.zeros(DType.BF16, x.shape());
    HostTensor fused = HostTensor.zeros(DType.BF16, x.shape());
    for (int i = 0; i < 200; i++) {
      rounded.set(i, 1.3f * DType.BF16.round(x.get(i)));
      fused.set(i, 1.3f * x.get(i));
    }
    Tolerance tolerance = Tolerance.reduction(1, 4);
    assertThatCode(() -> tolerance.checkStepwise(rounded, rounded)).doesNotThrowAnyException();
    assertThatThrownBy(() -> tolerance.checkStepwise(rounded, fused))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("differ from the oracle's");
  }

  @Test
  void noticesASumInBfloat16() {
    HostTensor x = trial.uniform(1, 64);
    HostTensor exact = HostTensor.zeros(DType.F32, Shape.of(1, 1));
    HostTensor sum = HostTensor.zeros(DType.BF16, Shape.of(1, 1));
    for (int i = 0; i < 64; i++) {
      exact.set(0, exact.get(0) + x.get(i));
      sum.set(0, sum.get(0) + x.get(i));
    }
    Tolerance tolerance = Tolerance.reduction(64, 1);
    assertThatThrownBy(() -> tolerance.check(exact, sum)).isInstanceOf(AssertionError.class);
  }
}

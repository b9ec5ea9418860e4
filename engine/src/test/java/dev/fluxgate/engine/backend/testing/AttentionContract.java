package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.AttentionMask.KeyRange;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Attention over heads, batches and masks. */
interface AttentionContract extends ContractSubject {

  @ComputeTypes
  default void attendsToEveryKey(DType type) {
    for (AttentionGeometry geometry :
        List.of(
            AttentionGeometry.self(1, 1, 16),
            AttentionGeometry.self(7, 3, 20),
            AttentionGeometry.self(127, 2, 64),
            AttentionGeometry.self(207, 2, 128),
            new AttentionGeometry(1, 13, 207, 2, 2, 16),
            new AttentionGeometry(1, 127, 1, 2, 2, 64),
            new AttentionGeometry(3, 13, 7, 2, 2, 20),
            AttentionGeometry.self(35, 1, 512))) {
      compare(trial(type), geometry, AttentionMask.FULL, 1);
    }
  }

  @ComputeTypes
  default void mindsTheKeysAroundItsOwn(DType type) {
    // All logits are 0 and all values 1: what is left is the sum of exponentials, of which the
    // quick
    // ones are too large by 10⁻⁴.
    AttentionGeometry geometry = AttentionGeometry.self(31, 2, 20);
    HostTensor zeros = HostTensor.zeros(type, Shape.of(31, 40));
    HostTensor ones = HostTensor.zeros(type, Shape.of(31, 40));
    for (int i = 0; i < 31 * 40; i++) {
      ones.set(i, 1);
    }
    for (AttentionMask mask :
        List.of(
            new AttentionMask.Among(0, 0),
            new AttentionMask.Among(0, 1),
            new AttentionMask.Among(7, 0),
            new AttentionMask.Among(29, 4),
            new AttentionMask.Among(1000, 90))) {
      trial(type)
          .compare(
              Tolerance.reduction(geometry.keys(), 1),
              DType.F32,
              stage -> play(stage, List.of(zeros, zeros, ones), geometry, mask));
    }
  }

  @ComputeTypes
  default void sharesKeysAmongHeads(DType type) {
    for (AttentionGeometry geometry :
        List.of(
            new AttentionGeometry(1, 13, 13, 6, 2, 16),
            new AttentionGeometry(2, 7, 13, 4, 1, 20),
            new AttentionGeometry(1, 65, 65, 8, 2, 128))) {
      compare(trial(type), geometry, AttentionMask.FULL, 1);
    }
  }

  @ComputeTypes
  default void seesNoLaterKeyAndNoPadding(DType type) {
    for (List<KeyRange> live :
        List.of(
            List.of(new KeyRange(0, 13), new KeyRange(0, 13)),
            List.of(new KeyRange(5, 13), new KeyRange(0, 6)),
            List.of(new KeyRange(12, 13), new KeyRange(3, 7)),
            List.of(new KeyRange(0, 1), new KeyRange(13, 13)),
            List.of(new KeyRange(0, 0), new KeyRange(4, 4)))) {
      AttentionMask mask = new AttentionMask.Causal(live);
      compare(trial(type), new AttentionGeometry(2, 13, 13, 4, 2, 16), mask, 1);
      compare(trial(type), new AttentionGeometry(2, 13, 13, 2, 2, 20), mask, 1);
    }
    AttentionMask mask = new AttentionMask.Causal(List.of(new KeyRange(60, 127)));
    compare(trial(type), new AttentionGeometry(1, 127, 127, 4, 1, 128), mask, 1);
  }

  @ComputeTypes
  default void continuesWhereKeysCameBefore(DType type) {
    for (AttentionGeometry geometry :
        List.of(
            new AttentionGeometry(1, 1, 1, 2, 1, 16),
            new AttentionGeometry(1, 1, 97, 4, 2, 16),
            new AttentionGeometry(1, 5, 64, 4, 2, 128),
            new AttentionGeometry(1, 70, 207, 2, 2, 64),
            new AttentionGeometry(1, 3, 600, 2, 1, 20))) {
      for (KeyRange live :
          List.of(
              new KeyRange(0, geometry.keys()),
              new KeyRange(geometry.keys() / 3, geometry.keys()),
              new KeyRange(0, (geometry.keys() + 1) / 2))) {
        compare(trial(type), geometry, new AttentionMask.Causal(List.of(live)), 1);
      }
    }
    AttentionMask two = new AttentionMask.Causal(List.of(new KeyRange(4, 13), new KeyRange(0, 12)));
    compare(trial(type), new AttentionGeometry(2, 4, 13, 4, 2, 16), two, 1);
  }

  @ComputeTypes
  default void seesAsMuchInOneGoAsInSteps(DType type) {
    Trial trial = trial(type);
    HostTensor x = trial.uniform(9, 32);
    HostTensor whole =
        trial.play(
            stage -> play(stage, List.of(x, x, x), AttentionGeometry.self(9, 2, 16), causal(9)));
    for (int length = 2; length <= 9; length++) {
      HostTensor seen = HostTensor.zeros(type, Shape.of(length, 32));
      seen.data().copyFrom(x.data().asSlice(0, seen.data().byteSize()));
      HostTensor last = x.slice(length - 1, 1);
      AttentionGeometry geometry = new AttentionGeometry(1, 1, length, 2, 2, 16);
      AttentionMask mask = causal(length);
      HostTensor step = trial.play(stage -> play(stage, List.of(last, seen, seen), geometry, mask));
      for (int i = 0; i < 32; i++) {
        assertThat(step.get(i)).isEqualTo(whole.get((length - 1) * 32L + i), within(0x1p-7f));
      }
    }
  }

  private static AttentionMask causal(int keys) {
    return new AttentionMask.Causal(List.of(new KeyRange(0, keys)));
  }

  @ComputeTypes
  default void scalesLogitsAsTold(DType type) {
    for (float scale : new float[] {1, 0.125f, 0.7f}) {
      compare(
          trial(type), AttentionGeometry.self(35, 2, 16).withScale(scale), AttentionMask.FULL, 1);
      compare(trial(type), AttentionGeometry.self(70, 1, 64).withScale(scale), causal(70), 1);
    }
  }

  @ComputeTypes
  default void addsABiasToTheLogits(DType type) {
    for (AttentionGeometry geometry :
        List.of(
            AttentionGeometry.self(1, 1, 16),
            AttentionGeometry.self(7, 3, 20),
            AttentionGeometry.self(127, 2, 64).withScale(1),
            AttentionGeometry.self(65, 2, 128),
            new AttentionGeometry(1, 13, 600, 2, 1, 16),
            new AttentionGeometry(3, 13, 7, 4, 2, 20))) {
      Trial trial = trial(type);
      for (DType stored : new DType[] {DType.F32, type}) {
        HostTensor bias =
            trial.uniform(
                stored, 0, 4, (long) geometry.heads() * geometry.queries(), geometry.keys());
        List<HostTensor> operands = operands(trial, geometry, 1);
        trial.compare(
            tolerance(type, geometry, 3),
            stage -> play(stage, operands, geometry, new AttentionMask.Biased(stage.input(bias))));
      }
    }
  }

  @ComputeTypes
  default void givesZerosWhereAQuerySeesNoKey(DType type) {
    Trial trial = trial(type);
    AttentionGeometry geometry = AttentionGeometry.self(7, 2, 16);
    HostTensor x = trial.uniform(7, 32);
    AttentionMask mask = new AttentionMask.Causal(List.of(new KeyRange(3, 7)));
    HostTensor out = trial.play(stage -> play(stage, List.of(x, x, x), geometry, mask));
    for (int i = 0; i < 3 * 32; i++) {
      assertThat(out.get(i)).isZero();
    }
    assertThat(out.get(3 * 32)).as("its only key's value").isEqualTo(x.get(3 * 32));
  }

  @ComputeTypes
  default void staysFiniteForLargeLogits(DType type) {
    compare(trial(type), AttentionGeometry.self(65, 2, 64), AttentionMask.FULL, 40);
  }

  private static void compare(
      Trial trial, AttentionGeometry geometry, AttentionMask mask, float size) {
    DType type = trial.type();
    List<HostTensor> operands = operands(trial, geometry, size);
    trial.compare(tolerance(type, geometry, size), stage -> play(stage, operands, geometry, mask));
  }

  private static List<HostTensor> operands(Trial trial, AttentionGeometry geometry, float size) {
    long queryRows = (long) geometry.batch() * geometry.queries();
    long keyRows = (long) geometry.batch() * geometry.keys();
    long width = (long) geometry.heads() * geometry.headDim();
    long shared = (long) geometry.keyValueHeads() * geometry.headDim();
    DType type = trial.type();
    return List.of(
        trial.uniform(type, 0, size, queryRows, width),
        trial.uniform(type, 0, size, keyRows, shared),
        trial.uniform(keyRows, shared));
  }

  /**
   * An error of a logit is one of a probability in proportion, and values are at most 1; the
   * factors of a logit are {@code size} each, scaled as the geometry says. Probabilities rounded to
   * bfloat16 err by 2⁻⁹ of themselves, and their sum is 1; a back end may round its divisor's terms
   * differently from its weights, so twice that is allowed.
   */
  private static Tolerance tolerance(DType type, AttentionGeometry geometry, float size) {
    double logit = Math.max(1, size * size * geometry.scale());
    double probabilities = type == DType.BF16 ? 0x1p-8 : 0;
    return Tolerance.reduction(geometry.headDim() + geometry.keys(), logit).plus(probabilities);
  }

  private static Tensor play(
      Stage stage, List<HostTensor> operands, AttentionGeometry geometry, AttentionMask mask) {
    Tensor q = stage.input(operands.get(0));
    Tensor k = stage.input(operands.get(1));
    Tensor v = stage.input(operands.get(2));
    Tensor out = stage.output(q.rows(), q.columns());
    stage.backend().attention(q, k, v, geometry, mask, out);
    return out;
  }
}

package dev.fluxgate.engine.backend.testing;

import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Rotary embedding, with and without a norm of each head. */
interface RotaryContract extends ContractSubject {
  int POSITIONS = 13;

  @ComputeTypes
  default void rotatesThePairsOfEveryHead(DType type) {
    compare(type, null, false);
  }

  @ComputeTypes
  default void normsEveryHeadBeforeItIsRotated(DType type) {
    for (HeadNorm.Order order : HeadNorm.Order.values()) {
      compare(type, order, false);
    }
  }

  @ComputeTypes
  default void rotatesInPlace(DType type) {
    compare(type, HeadNorm.Order.WEIGH_THEN_ROUND, true);
    compare(type, null, true);
  }

  private void compare(DType type, HeadNorm.@Nullable Order order, boolean inPlace) {
    for (RotaryTable.Pairing pairing : RotaryTable.Pairing.values()) {
      for (int headDim : new int[] {2, 16, 20, 64, 128}) {
        compare(trial(type), headDim, DType.F32, pairing, order, inPlace);
        compare(trial(type), headDim, type, pairing, order, inPlace);
      }
    }
  }

  private static void compare(
      Trial trial,
      int headDim,
      DType angleType,
      RotaryTable.Pairing pairing,
      HeadNorm.@Nullable Order order,
      boolean inPlace) {
    // Two sequences: row 13 is position 0 again.
    HostTensor x = trial.uniform(2L * POSITIONS, 3L * headDim);
    HostTensor weight = trial.uniform(trial.type(), 1, 0.5f, headDim);
    HostTensor cos = angles(headDim, 0).to(angleType);
    HostTensor sin = angles(headDim, -Math.PI / 2).to(angleType);
    trial.compareStepwise(
        Tolerance.reduction(headDim + 4, 3),
        stage -> {
          Tensor in = inPlace ? stage.inPlace(x) : stage.input(x);
          Tensor out = inPlace ? in : stage.output(2L * POSITIONS, 3L * headDim);
          HeadNorm norm =
              order == null ? null : new HeadNorm(stage.weights().vector(weight), 1e-6f, order);
          RotaryTable table = new RotaryTable(stage.input(cos), stage.input(sin), pairing);
          stage.backend().rotate(in, 3, norm, table, out);
          return out;
        });
  }

  /** cos(position · frequency + phase). */
  private static HostTensor angles(int headDim, double phase) {
    int pairs = headDim / 2;
    HostTensor table = HostTensor.zeros(DType.F32, Shape.of(POSITIONS, pairs));
    for (int position = 0; position < POSITIONS; position++) {
      for (int j = 0; j < pairs; j++) {
        double frequency = Math.pow(2000, -2.0 * j / headDim);
        table.set((long) position * pairs + j, (float) Math.cos(position * frequency + phase));
      }
    }
    return table;
  }
}

package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What a weight store takes, converts, counts and refuses. */
interface WeightContract extends ContractSubject {

  @ComputeTypes
  default void convertsStoredWeightsToTheComputeType(DType type) {
    for (DType stored : new DType[] {DType.F32, DType.BF16, DType.F16, DType.F64}) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(7, 65);
      HostTensor weight = trial.uniform(stored, 0, 1, 13, 65);
      HostTensor bias = trial.uniform(stored, 0, 1, 13);
      trial.compare(
          Tolerance.reduction(66, 1),
          stage -> {
            Tensor out = stage.output(7, 13);
            stage
                .backend()
                .linear(stage.input(x), stage.weights().linear(weight, bias), Epilogue.NONE, out);
            return out;
          });
      HostTensor scale = trial.uniform(stored, 1, 0.5f, 65);
      trial.compareStepwise(
          Tolerance.reduction(69, 2),
          stage -> {
            Tensor out = stage.output(7, 65);
            stage.backend().rmsNorm(stage.input(x), stage.weights().vector(scale), 1e-6f, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void readsWeightsAtAnyByteOfAFile(DType type) {
    try (Arena arena = Arena.ofShared()) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(13, 32);
      HostTensor weight = trial.uniform(16, 32);
      MemorySegment file = arena.allocate(weight.data().byteSize() + 1, 64);
      MemorySegment odd = file.asSlice(1);
      odd.copyFrom(weight.data());
      HostTensor mapped = new HostTensor(type, weight.shape(), odd);
      trial.compare(
          Tolerance.reduction(32, 1),
          stage -> {
            Tensor out = stage.output(13, 16);
            stage
                .backend()
                .linear(stage.input(x), stage.weights().linear(mapped, null), Epilogue.NONE, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void tellsTheSizesOfWeights(DType type) {
    Trial trial = trial(type);
    try (WeightStore weights = subject().weights(type)) {
      assertThat(weights.computeType()).isEqualTo(type);
      Weight.Linear linear = weights.linear(trial.uniform(3, 5), null);
      assertThat(linear.outFeatures()).isEqualTo(3);
      assertThat(linear.inFeatures()).isEqualTo(5);
      Weight.Convolution convolution = weights.convolution(trial.uniform(4, 2, 3, 3), null);
      assertThat(convolution.outChannels()).isEqualTo(4);
      assertThat(convolution.inChannels()).isEqualTo(2);
      assertThat(convolution.kernelSize()).isEqualTo(3);
      Weight.Embedding embedding = weights.embedding(trial.uniform(7, 6));
      assertThat(embedding.vocabulary()).isEqualTo(7);
      assertThat(embedding.width()).isEqualTo(6);
      Weight.Vector vector = weights.vector(trial.uniform(9));
      assertThat(vector.size()).isEqualTo(9);
      assertThat(weights.residentBytes())
          .isEqualTo(
              linear.residentBytes()
                  + convolution.residentBytes()
                  + embedding.residentBytes()
                  + vector.residentBytes());
    }
  }

  @Test
  default void closesAStoreTwice() {
    WeightStore weights = subject().weights(DType.F32);
    weights.vector(HostTensor.zeros(DType.F32, Shape.of(4)));
    weights.close();
    weights.close();
  }

  @Test
  default void refusesWeightsThatAreNoPlainFloats() {
    HostTensor integers = HostTensor.zeros(DType.I8, Shape.of(2, 2));
    HostTensor floats8 = HostTensor.zeros(DType.F8_E4M3, Shape.of(2));
    try (WeightStore weights = subject().weights(DType.BF16)) {
      assertThatThrownBy(() -> weights.linear(integers, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("I8");
      assertThatThrownBy(() -> weights.embedding(integers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("I8");
      assertThatThrownBy(() -> weights.vector(floats8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("F8_E4M3");
    }
  }

  @Test
  default void refusesWeightsOfTheWrongShape() {
    HostTensor vector = HostTensor.zeros(DType.F32, Shape.of(4));
    HostTensor matrix = HostTensor.zeros(DType.F32, Shape.of(2, 2));
    HostTensor oblong = HostTensor.zeros(DType.F32, Shape.of(4, 2, 3, 1));
    try (WeightStore weights = subject().weights(DType.F32)) {
      assertThatThrownBy(() -> weights.linear(vector, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[4]");
      assertThatThrownBy(() -> weights.linear(matrix, vector))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[2, 2]")
          .hasMessageContaining("[4]");
      assertThatThrownBy(() -> weights.convolution(oblong, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[4, 2, 3, 1]");
      assertThatThrownBy(() -> weights.embedding(vector))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> weights.vector(matrix)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  default void refusesToComputeInOtherTypes() {
    assertThatThrownBy(() -> subject().weights(DType.F16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F16");
  }
}

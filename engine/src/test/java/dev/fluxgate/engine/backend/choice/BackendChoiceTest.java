package dev.fluxgate.engine.backend.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnUnavailableException;
import dev.fluxgate.engine.tensor.DType;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BackendChoiceTest {
  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "reference", "cuda:0", "cuda:17"})
  void isFoundByItsLabel(String label) {
    assertThat(BackendChoice.of(label).label()).isEqualTo(label);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda", "cuda:", "cuda:-1", "cuda:1000", "CPU"})
  void namesAllChoicesWhenItRefusesOne(String name) {
    assertThatThrownBy(() -> BackendChoice.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backend: " + name + " (expected: auto, cpu, cuda:N or reference)");
  }

  @Test
  void opensTheReferenceAnywhere() {
    OpenedBackend opened = BackendChoice.REFERENCE.open(DType.BF16);
    try (Backend backend = opened.backend()) {
      assertThat(backend.name()).isEqualTo("reference");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void takesTheCpuIfItCanAndSaysWhyIfNot(DType computeType) {
    Optional<String> obstacle = CpuBackend.whyUnavailable(computeType);
    OpenedBackend opened = BackendChoice.AUTO.open(computeType);
    try (Backend backend = opened.backend()) {
      assertThat(backend.name()).isEqualTo(obstacle.isEmpty() ? "cpu" : "reference");
      assertThat(opened.reason())
          .startsWith(backend.name() + ": ")
          .contains(obstacle.orElse("fastest"));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void refusesTheCpuWhereItCannotBeHad(DType computeType) {
    Optional<String> obstacle = CpuBackend.whyUnavailable(computeType);
    if (obstacle.isPresent()) {
      assertThatThrownBy(() -> BackendChoice.CPU.open(computeType))
          .isInstanceOf(OneDnnUnavailableException.class)
          .hasMessage(obstacle.get());
    } else {
      try (Backend backend = BackendChoice.CPU.open(computeType).backend()) {
        assertThat(backend.description()).startsWith("cpu: oneDNN ").contains("threads");
      }
    }
  }
}

package dev.fluxgate.encoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedWeightsTest {
  private static final HostTensor STORED = HostTensor.of(DType.F32, Shape.of(2), 3, 5);

  @TempDir Path folder;

  private final List<Loaded> seen = new ArrayList<>();

  private record Loaded(WeightStore store, HostTensor mapped) {}

  @BeforeEach
  void write() throws IOException {
    SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("norm", STORED), Map.of());
  }

  @Test
  void keepsAllOpenUntilItIsClosed() {
    try (Backend backend = new ReferenceBackend()) {
      LoadedWeights<Loaded> loaded =
          LoadedWeights.load(folder, backend, DType.BF16, LoadedWeightsTest::read);
      assertThat(loaded.weights().mapped().toFloats()).containsExactly(3, 5);
      assertThat(loaded.weights().store().vector(STORED).size()).isEqualTo(2);

      loaded.close();
      loaded.close();

      assertClosed(loaded.weights());
    }
  }

  @Test
  void closesAllIfTheWeightsCannotBeRead() {
    try (Backend backend = new ReferenceBackend()) {
      assertThatThrownBy(() ->
              LoadedWeights.load(
                  folder,
                  backend,
                  DType.F32,
                  (checkpoint, store) -> {
                    seen.add(read(checkpoint, store));
                    throw new IllegalArgumentException("norm: 2 (expected: 3)");
                  }))
          .hasMessage("norm: 2 (expected: 3)");

      assertClosed(seen.getFirst());
    }
  }

  private static Loaded read(Checkpoint checkpoint, WeightStore store) {
    return new Loaded(store, checkpoint.tensor("norm", 2));
  }

  private static void assertClosed(Loaded loaded) {
    assertThatThrownBy(() -> loaded.store().vector(STORED))
        .hasMessage("weight store: closed (expected: open)");
    assertThatThrownBy(() -> loaded.mapped().get(0)).isInstanceOf(IllegalStateException.class);
  }
}

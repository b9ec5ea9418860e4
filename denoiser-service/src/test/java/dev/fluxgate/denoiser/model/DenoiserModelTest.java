package dev.fluxgate.denoiser.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.testing.TinyModels;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.checkpoint.MissingWeightException;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.WeightShapeException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenoiserModelTest {
  @TempDir private Path folder;

  @Test
  void namesTheWeightThatIsMissing() throws IOException {
    ModelFolder model =
        changed(
            "transformer",
            tensors -> tensors.remove("transformer_blocks.0.attn.to_add_out.weight"));

    assertThatThrownBy(() -> load(model))
        .isInstanceOf(MissingWeightException.class)
        .hasMessageContaining("transformer_blocks.0.attn.to_add_out.weight");
  }

  @Test
  void namesTheWeightThatDoesNotFitAndTheShapeThatWould() throws IOException {
    String key = "decoder.conv_in.weight";
    ModelFolder model =
        changed(
            "vae", tensors -> tensors.put(key, HostTensor.zeros(DType.F32, Shape.of(2, 3, 3, 3))));

    assertThatThrownBy(() -> load(model))
        .isInstanceOf(WeightShapeException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("[2, 3, 3, 3]");
  }

  @Test
  void namesTheWeightsWithoutStatisticsOfTheLatents() throws IOException {
    ModelFolder model = changed("vae", tensors -> tensors.remove("bn.running_var"));

    assertThatThrownBy(() -> load(model))
        .isInstanceOf(MissingWeightException.class)
        .hasMessageContaining("bn.running_var");
  }

  @Test
  void refusesATransformerForOtherLatents() throws IOException {
    ModelFolder model = changed("transformer", _ -> {});
    Path config = folder.resolve("transformer").resolve("config.json");
    String wrong =
        Files.readString(config).replaceFirst("\"in_channels\": \\d+", "\"in_channels\": 64");
    Files.writeString(config, wrong);

    assertThatThrownBy(() -> load(model))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("a transformer from 64 to 64 channels (expected: ");
  }

  @Test
  void refusesAFolderWithoutAComponent() throws IOException {
    ModelFolder model = changed("transformer", _ -> {});
    Files.delete(folder.resolve("scheduler").resolve("scheduler_config.json"));

    assertThatThrownBy(() -> load(model))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("scheduler_config.json: no such file");
  }

  private ModelFolder changed(String component, Consumer<Map<String, HostTensor>> change)
      throws IOException {
    return TinyModels.changed(TinyModels.of(ModelFamily.FLUX2_DEV), folder, component, change);
  }

  private static void load(ModelFolder model) {
    try (Backend backend = new ReferenceBackend()) {
      DenoiserModel.load(model, backend, DType.F32, StageProbe.NONE).close();
    }
  }
}

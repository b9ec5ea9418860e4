package dev.fluxgate.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.testing.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFolderTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "Flux2Pipeline, false, flux2-dev, 50, 4",
    "Flux2KleinPipeline, true, flux2-klein, 4, 1",
    "Flux2KleinPipeline, false, flux2-klein-base, 50, 4",
    "Flux2KleinInpaintPipeline, true, flux2-klein, 4, 1",
    "Flux2KleinKVPipeline, true, flux2-klein-kv, 4, 1",
    "Flux2KleinKVPipeline, false, flux2-klein-kv, 4, 1",
  })
  void knowsTheFamily(String pipeline, boolean distilled, String family, int steps, double guidance)
      throws IOException {
    index("{\"_class_name\": \"" + pipeline + "\", \"is_distilled\": " + distilled + "}");
    ModelFolder model = ModelFolder.open(folder);
    assertThat(model.family().id()).isEqualTo(family);
    assertThat(model.pipelineClass()).isEqualTo(pipeline);
    assertThat(model.isDemonstration()).isFalse();
    assertThat(model.defaults()).isEqualTo(new ModelFamily.Defaults(1024, 1024, steps, guidance));
  }

  @ParameterizedTest
  @CsvSource({
    "FluxPipeline, true, flux1-dev, 28, 3.5",
    "FluxImg2ImgPipeline, true, flux1-dev, 28, 3.5",
    "FluxPipeline, false, flux1-schnell, 4, 0",
    "FluxInpaintPipeline, false, flux1-schnell, 4, 0",
  })
  void tellsTheModelsOfFlux1ApartByTheirTransformer(
      String pipeline, boolean guidanceEmbeds, String family, int steps, double guidance)
      throws IOException {
    index("{\"_class_name\": \"" + pipeline + "\"}");
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("config.json: no such file");
    Path transformer = Files.createDirectory(folder.resolve("transformer"));
    Files.writeString(
        transformer.resolve("config.json"), "{\"guidance_embeds\": " + guidanceEmbeds + "}");

    ModelFolder model = ModelFolder.open(folder);
    assertThat(model.family().id()).isEqualTo(family);
    assertThat(model.family().textEncoder()).isEqualTo("t5+clip");
    assertThat(model.defaults()).isEqualTo(new ModelFamily.Defaults(1024, 1024, steps, guidance));
  }

  @Test
  void takesTheFoldersOwnDefaultsFirst() throws IOException {
    index("{\"_class_name\": \"Flux2Pipeline\"}");
    own("{\"demonstration\": true, \"defaults\": {\"width\": 128, \"guidance_scale\": 2.5}}");
    ModelFolder model = ModelFolder.open(folder);
    assertThat(model.isDemonstration()).isTrue();
    assertThat(model.defaults()).isEqualTo(new ModelFamily.Defaults(128, 1024, 50, 2.5));

    own("{\"defaults\": {\"height\": 0}}");
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .hasMessageEndingWith("fluxgate.json: defaults.height: 0 (expected: at least 1)");
  }

  @Test
  void opensTheEmbeddedModel() {
    Path toy = GoldenCase.root().resolve("toy").resolve("model");
    ModelFolder model = ModelFolder.open(toy);
    assertThat(model.componentClass("vae")).isEqualTo("AutoencoderKLFlux2");
    try (Checkpoint transformer = Checkpoint.open(model.component("transformer"))) {
      assertThat(transformer.has("x_embedder.weight")).isTrue();
      assertThat(transformer.origin()).isEqualTo("transformer");
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> ModelFolder.open(folder.resolve("none")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageEndingWith(
            "none: no such folder (expected: a model folder with a model_index.json)");
    assertThatThrownBy(() -> ModelFolder.open(folder)).hasMessageContaining("no model_index.json");
    index("{\"_class_name\": \"StableDiffusionPipeline\"}");
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .hasMessageContaining(
            "model_index.json: _class_name: \"StableDiffusionPipeline\""
                + " (expected: \"Flux2Pipeline\", ");
    index("{\"_class_name\": \"Flux2Pipeline\", \"vae\": [\"diffusers\", \"AutoencoderKLFlux2\"]}");
    ModelFolder model = ModelFolder.open(folder);
    assertThatThrownBy(() -> model.component("vae")).hasMessageContaining("vae: no such folder");
    assertThatThrownBy(() -> model.component("scheduler"))
        .hasMessageEndingWith("scheduler: missing (expected: a component: [library, class])");
  }

  private void index(String text) throws IOException {
    Files.writeString(folder.resolve("model_index.json"), text);
  }

  private void own(String text) throws IOException {
    Files.writeString(folder.resolve("fluxgate.json"), text);
  }
}

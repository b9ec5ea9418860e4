package dev.fluxgate.encoder.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fluxgate.encoder.testing.ModelCopy;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixtralParamsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void readsTheOlderSpellingToo() throws IOException {
    PixtralParams current = read(config -> {});

    PixtralParams older =
        read(config -> {
          ObjectNode vision = vision(config);
          vision.put("rope_theta", current.ropeTheta());
          vision.remove("rope_parameters");
          vision.remove("head_dim");
        });

    assertThat(older).isEqualTo(current);
    assertThat(current.cellSize()).isEqualTo(current.patchSize() * current.mergeSize());
    assertThat(current.patchWidth()).isEqualTo(3 * current.patchSize() * current.patchSize());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hidden_size",
        "num_attention_heads",
        "intermediate_size",
        "num_hidden_layers",
        "patch_size",
        "image_size"
      })
  void namesASizeThatIsMissingOrNone(String key) {
    refused(config -> vision(config).remove(key), key + ": missing");
    refused(config -> vision(config).put(key, 0), key + ": 0 (expected: at least 1)");
    refused(config -> vision(config).put(key, -8), key + ": -8 (expected: at least 1)");
    refused(config -> vision(config).put(key, "many"), key + ": \"many\"");
  }

  @Test
  void namesAVariantThatIsNotBuilt() {
    refused(
        config -> vision(config).put("hidden_act", "gelu"),
        "hidden_act: \"gelu\" (expected: \"silu\")");
    refused(config -> vision(config).put("num_channels", 4), "num_channels: 4 (expected: 3)");
    refused(
        config -> config.put("projector_hidden_act", "relu"),
        "projector_hidden_act: \"relu\" (expected: \"gelu\")");
    refused(
        config -> config.put("multimodal_projector_bias", true),
        "multimodal_projector_bias: true (expected: false)");
    refused(
        config -> config.put("vision_feature_layer", -2),
        "vision_feature_layer: -2 (expected: -1)");
  }

  @Test
  void refusesHeadsThatDoNotDivideItsWidth() {
    String expected = " (expected: a multiple of 4, and hidden_size divided by the heads)";
    refused(config -> vision(config).put("head_dim", 0), "head_dim: 0" + expected);
    refused(config -> vision(config).put("head_dim", 6), "head_dim: 6" + expected);
    refused(config -> vision(config).put("head_dim", 1 << 20), "head_dim: 1048576" + expected);
  }

  @Test
  void refusesPicturesSmallerThanACellOrLargerThanAny() throws IOException {
    int cell = read(config -> {}).cellSize();
    String expected = " (expected: " + cell + "..8192)";

    refused(
        config -> vision(config).put("image_size", cell - 1),
        "image_size: " + (cell - 1) + expected);
    refused(config -> vision(config).put("image_size", 8193), "image_size: 8193" + expected);
    assertThat(read(config -> vision(config).put("image_size", cell)).imageSize()).isEqualTo(cell);
  }

  @Test
  void namesWhatItsSurroundingsLack() {
    refused(config -> config.remove("spatial_merge_size"), "spatial_merge_size: missing");
    refused(config -> config.remove("image_token_index"), "image_token_index: missing");
    refused(config -> config.remove("text_config"), "hidden_size: missing");
    refused(config -> config.remove("vision_config"), "hidden_size: missing");
    refused(
        config -> {
          vision(config).remove("rope_parameters");
          vision(config).remove("rope_theta");
        },
        "rope_theta: missing");
  }

  private static ObjectNode vision(ObjectNode config) {
    return (ObjectNode) config.get("vision_config");
  }

  private PixtralParams read(Consumer<ObjectNode> change) throws IOException {
    Path original = ModelCopy.original("pixtral/model").resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(original.toFile());
    change.accept(config);
    Path copy = Files.writeString(folder.resolve("config.json"), config.toString());
    return PixtralParams.read(ConfigJson.read(copy));
  }

  private void refused(Consumer<ObjectNode> change, String message) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> read(change))
        .withMessageContaining("config.json")
        .withMessageContaining(message);
  }
}

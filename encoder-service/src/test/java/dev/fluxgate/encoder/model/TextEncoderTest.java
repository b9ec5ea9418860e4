package dev.fluxgate.encoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fluxgate.encoder.testing.ModelCopy;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.checkpoint.MissingWeightException;
import dev.fluxgate.engine.checkpoint.WeightShapeException;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEncoderTest {
  private static final String MISTRAL = "mistral/model";
  private static final String QWEN3 = "qwen3/model";

  @TempDir Path folder;

  @Test
  void readsBothLayoutsOfMistralKeys() throws IOException {
    ModelCopy.write(MISTRAL, folder);
    try (Backend backend = new ReferenceBackend();
        TextEncoder stored = TextEncoder.load(folder, backend, DType.F32)) {
      stored.stack().prepare(stored.stack().params().layers());
    }
    boolean newer;
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      newer = checkpoint.has("model.language_model.embed_tokens.weight");
    }
    String from = newer ? "model.language_model." : "language_model.model.";
    String to = newer ? "language_model.model." : "model.language_model.";
    ModelCopy.renamed(MISTRAL, folder, name -> name.replace(from, to));
    try (Backend backend = new ReferenceBackend();
        TextEncoder other = TextEncoder.load(folder, backend, DType.F32)) {
      other.stack().prepare(other.stack().params().layers());
      assertThat(other).isInstanceOf(Mistral3TextEncoder.class);
    }
  }

  @Test
  void preparesOnlyTheLayersItNeeds() throws IOException {
    ModelCopy.renamed(QWEN3, folder, name -> name.contains(".layers.2.") ? "gone." + name : name);
    try (Backend backend = new ReferenceBackend();
        TextEncoder encoder = TextEncoder.load(folder, backend, DType.F32)) {
      encoder.stack().prepare(2);
      assertThatThrownBy(() -> encoder.stack().prepare(3))
          .isInstanceOf(MissingWeightException.class)
          .hasMessageContaining("model.layers.2.input_layernorm.weight");
    }
  }

  @Test
  void refusesAnotherModelNamingWhatItFound() throws IOException {
    refused(config -> config.put("model_type", "bert"), "model_type: \"bert\"");
    refused(config -> config.remove("vocab_size"), "vocab_size: missing");
    refused(config -> config.put("hidden_size", 0), "hidden_size: 0 (expected: at least 1)");
    refused(config -> config.put("hidden_act", "gelu"), "hidden_act: \"gelu\"");
    refused(config -> config.put("attention_bias", true), "attention_bias: true");
    refused(config -> config.put("num_key_value_heads", 3), "num_key_value_heads: 3");
    refused(config -> config.put("head_dim", 15), "head_dim: 15");
    refused(
        config -> config.putObject("rope_parameters").put("rope_type", "yarn"),
        "rope_parameters.rope_type: \"yarn\" (expected: \"default\")");
    refused(config -> config.remove("rope_parameters"), "rope_theta: missing");
    refused(
        config -> config.put("sliding_window", 64).put("use_sliding_window", true),
        "sliding_window: 64 (expected: null)");
  }

  @Test
  void refusesWeightsOfAnotherShape() throws IOException {
    ModelCopy.write(QWEN3, folder, config -> config.put("vocab_size", 7));
    try (Backend backend = new ReferenceBackend()) {
      assertThatThrownBy(() -> TextEncoder.load(folder, backend, DType.F32))
          .isInstanceOf(WeightShapeException.class)
          .hasMessageContaining("model.embed_tokens.weight");
    }
  }

  private void refused(Consumer<ObjectNode> change, String message) throws IOException {
    ModelCopy.write(QWEN3, folder, change);
    try (Backend backend = new ReferenceBackend()) {
      assertThatThrownBy(() -> TextEncoder.load(folder, backend, DType.F32))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("config.json")
          .hasMessageContaining(message);
    }
  }
}

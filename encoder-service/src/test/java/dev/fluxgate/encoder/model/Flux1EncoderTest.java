package dev.fluxgate.encoder.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fluxgate.encoder.model.clip.ClipTextEncoder;
import dev.fluxgate.encoder.model.t5.T5TextEncoder;
import dev.fluxgate.encoder.testing.ModelCopy;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.checkpoint.MissingWeightException;
import dev.fluxgate.engine.checkpoint.WeightShapeException;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Flux1EncoderTest {
  private static final String T5 = "t5/model";
  private static final String CLIP = "clip/model_eos";

  private final Backend backend = new ReferenceBackend();

  @TempDir Path folder;

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void readsTheNamesOfOlderAndNewerWriters() throws IOException {
    ModelCopy.write(T5, folder);
    float[] shared = t5();
    ModelCopy.renamed(T5, folder, name -> name.replace("shared.", "encoder.embed_tokens."));
    assertThat(t5()).isEqualTo(shared);
    ModelCopy.write(CLIP, folder);
    float[] bare = clip(List.of(5, 857, 857));
    ModelCopy.renamed(CLIP, folder, name -> "text_model." + name);
    assertThat(clip(List.of(5, 857, 857))).isEqualTo(bare);
  }

  @Test
  void poolsTheFirstEndTokenAndTheFirstPositionWithoutOne() throws IOException {
    ModelCopy.write(CLIP, folder, config -> config.put("eos_token_id", 7));
    float[] first = clip(List.of(3, 7));
    // Later ids are not seen by an earlier position, whatever they are.
    assertThat(clip(List.of(3, 7, 800, 7))).isEqualTo(first);
    assertThat(clip(List.of(3, 4, 5))).isEqualTo(clip(List.of(3)));
    ModelCopy.write(CLIP, folder, config -> config.put("eos_token_id", 2));
    assertThat(clip(List.of(3, 7, 2, 7))).isEqualTo(first);
    assertThat(clip(List.of(3, 7, 800, 7))).isNotEqualTo(first);
  }

  @Test
  void theActivationOfClipIsRead() throws IOException {
    ModelCopy.write(CLIP, folder);
    float[] quick = clip(List.of(3, 857));
    ModelCopy.write(CLIP, folder, config -> config.put("hidden_act", "gelu"));
    assertThat(clip(List.of(3, 857))).isNotEqualTo(quick).hasSameSizeAs(quick);
  }

  @Test
  void refusesAnotherT5NamingWhatItFound() throws IOException {
    t5Refused(config -> config.put("model_type", "umt5"), "model_type: \"umt5\"");
    t5Refused(config -> config.put("feed_forward_proj", "relu"), "feed_forward_proj: \"relu\"");
    t5Refused(config -> config.put("dense_act_fn", "silu"), "dense_act_fn: \"silu\"");
    t5Refused(config -> config.remove("d_model"), "d_model: missing");
    t5Refused(config -> config.put("d_kv", 0), "d_kv: 0 (expected: at least 1)");
    t5Refused(
        config -> config.put("relative_attention_num_buckets", 6),
        "relative_attention_num_buckets: 6 (expected: a positive multiple of 4)");
    t5Refused(
        config -> config.put("relative_attention_max_distance", 8),
        "relative_attention_max_distance: 8 (expected: more than 8)");
    t5Refused(config -> config.put("layer_norm_epsilon", -1), "layer_norm_epsilon: -1");
  }

  @Test
  void refusesAnotherClipNamingWhatItFound() throws IOException {
    clipRefused(config -> config.put("model_type", "clip"), "model_type: \"clip\"");
    clipRefused(config -> config.put("hidden_act", "relu"), "hidden_act: \"relu\"");
    clipRefused(config -> config.put("num_attention_heads", 5), "num_attention_heads: 5");
    clipRefused(config -> config.remove("vocab_size"), "vocab_size: missing");
    clipRefused(config -> config.put("eos_token_id", 858), "eos_token_id: 858 (expected: 0 or");
    clipRefused(config -> config.put("layer_norm_eps", 2), "layer_norm_eps: 2");
    clipRefused(config -> config.put("max_position_embeddings", -1), "max_position_embeddings: -1");
  }

  @Test
  void namesAWeightThatIsMissingOrOfAnotherShape() throws IOException {
    ModelCopy.renamed(T5, folder, name -> name.replace("block.1.layer.1.Dense", "gone."));
    try (T5TextEncoder encoder = T5TextEncoder.load(folder, backend, DType.F32)) {
      assertThatThrownBy(encoder::prepare)
          .isInstanceOf(MissingWeightException.class)
          .hasMessageContaining("encoder.block.1.layer.1.DenseReluDense.wi_0.weight");
    }
    ModelCopy.write(T5, folder, config -> config.put("vocab_size", 7));
    assertThatThrownBy(() -> T5TextEncoder.load(folder, backend, DType.F32))
        .isInstanceOf(WeightShapeException.class)
        .hasMessageContaining("shared.weight");
    ModelCopy.renamed(CLIP, folder, name -> name.replace("fc2.bias", "gone"));
    try (ClipTextEncoder encoder = ClipTextEncoder.load(folder, backend, DType.F32)) {
      assertThatThrownBy(encoder::prepare)
          .isInstanceOf(MissingWeightException.class)
          .hasMessageContaining("encoder.layers.0.mlp.fc2.bias");
    }
    ModelCopy.write(CLIP, folder, config -> config.put("max_position_embeddings", 7));
    assertThatThrownBy(() -> ClipTextEncoder.load(folder, backend, DType.F32))
        .isInstanceOf(WeightShapeException.class)
        .hasMessageContaining("embeddings.position_embedding.weight");
  }

  private float[] t5() {
    List<TokenIds> batch = List.of(new TokenIds(List.of(5, 1, 0), 0, 2, false));
    try (T5TextEncoder encoder = T5TextEncoder.load(folder, backend, DType.F32);
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(plan -> encoder.layOut(plan, 1, 3)))) {
      return backend
          .download(encoder.forward(batch, encoder.layOut(workspace, 1, 3), StageProbe.NONE))
          .toFloats();
    }
  }

  private float[] clip(List<Integer> ids) {
    List<TokenIds> batch = List.of(new TokenIds(ids, 0, ids.size(), false));
    try (ClipTextEncoder encoder = ClipTextEncoder.load(folder, backend, DType.F32);
        Workspace workspace =
            backend.workspace(WorkspacePlan.bytes(plan -> encoder.layOut(plan, 1, ids.size())))) {
      return backend
          .download(
              encoder.forward(batch, encoder.layOut(workspace, 1, ids.size()), StageProbe.NONE))
          .toFloats();
    }
  }

  private void t5Refused(Consumer<ObjectNode> change, String message) throws IOException {
    ModelCopy.write(T5, folder, change);
    assertThatThrownBy(() -> T5TextEncoder.load(folder, backend, DType.F32))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }

  private void clipRefused(Consumer<ObjectNode> change, String message) throws IOException {
    ModelCopy.write(CLIP, folder, change);
    assertThatThrownBy(() -> ClipTextEncoder.load(folder, backend, DType.F32))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("config.json")
        .hasMessageContaining(message);
  }
}

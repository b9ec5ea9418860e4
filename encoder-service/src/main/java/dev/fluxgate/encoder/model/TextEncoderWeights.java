package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a decoder, prepared when first asked for: of 40 layers an embedding needs 30, and
 * the head never. One thread at a time.
 */
final class TextEncoderWeights {
  private final TensorSource source;
  private final WeightStore store;
  private final TextEncoderParams params;
  private final Keys keys;
  private final List<DecoderLayer.Weights> layers = new ArrayList<>();
  private final Weight.Embedding embedding;
  private Weight.@Nullable Vector finalNorm;
  private Weight.@Nullable Linear head;

  /**
   * How a family names its tensors.
   *
   * @param stack what the names of the decoder stack begin with
   * @param head name of the untied head
   * @param hasHeadNorms whether queries and keys are normalised by head
   */
  record Keys(String stack, String head, boolean hasHeadNorms) {
    /** Layouts of Mistral3, on disk and in memory of newer writers (models spec §5.1.6). */
    static Keys mistral3(TensorSource source) {
      Keys stored = new Keys("language_model.model.", "language_model.lm_head.weight", false);
      Keys newer = new Keys("model.language_model.", "lm_head.weight", false);
      return source.has(newer.stack + "embed_tokens.weight") ? newer : stored;
    }

    /** The layout of Qwen3 (models spec §5.2). */
    static Keys qwen3() {
      return new Keys("model.", "lm_head.weight", true);
    }
  }

  TextEncoderWeights(TensorSource source, Keys keys, TextEncoderParams params, WeightStore store) {
    this.source = source;
    this.keys = keys;
    this.params = params;
    this.store = store;
    embedding =
        store.embedding(
            source.tensor(embeddingKey(), params.vocabularySize(), params.hiddenSize()));
  }

  /** Token embedding, (V, D). */
  Weight.Embedding embedding() {
    return embedding;
  }

  /** Layer {@code index}, counted from 0. */
  DecoderLayer.Weights layer(int index) {
    while (layers.size() <= index) {
      layers.add(readLayer(keys.stack + "layers." + layers.size() + "."));
    }
    return layers.get(index);
  }

  /** Norm behind the last layer, (D). */
  Weight.Vector finalNorm() {
    Weight.Vector norm = finalNorm;
    if (norm == null) {
      norm = vector(keys.stack + "norm.weight", params.hiddenSize());
      finalNorm = norm;
    }
    return norm;
  }

  /** Whether there is a head, stored or tied. */
  boolean hasHead() {
    return source.has(keys.head) || params.tiedHead();
  }

  /** Hidden state → logits, (V, D); the token embedding where they are tied. */
  Weight.Linear head() {
    Weight.Linear linear = head;
    if (linear == null) {
      // Configurations claim tied embeddings where a head is stored: the stored one counts.
      boolean stored = source.has(keys.head) || !params.tiedHead();
      linear =
          matrix(stored ? keys.head : embeddingKey(), params.vocabularySize(), params.hiddenSize());
      head = linear;
    }
    return linear;
  }

  private String embeddingKey() {
    return keys.stack + "embed_tokens.weight";
  }

  private DecoderLayer.Weights readLayer(String layer) {
    int hidden = params.hiddenSize();
    int inner = params.intermediateSize();
    int queries = params.heads() * params.headDim();
    int keysAndValues = params.keyValueHeads() * params.headDim();
    return new DecoderLayer.Weights(
        vector(layer + "input_layernorm.weight", hidden),
        matrix(layer + "self_attn.q_proj.weight", queries, hidden),
        matrix(layer + "self_attn.k_proj.weight", keysAndValues, hidden),
        matrix(layer + "self_attn.v_proj.weight", keysAndValues, hidden),
        headNorm(layer + "self_attn.q_norm.weight"),
        headNorm(layer + "self_attn.k_norm.weight"),
        matrix(layer + "self_attn.o_proj.weight", hidden, queries),
        vector(layer + "post_attention_layernorm.weight", hidden),
        matrix(layer + "mlp.gate_proj.weight", inner, hidden),
        matrix(layer + "mlp.up_proj.weight", inner, hidden),
        matrix(layer + "mlp.down_proj.weight", hidden, inner));
  }

  private @Nullable HeadNorm headNorm(String name) {
    return keys.hasHeadNorms
        ? new HeadNorm(
            vector(name, params.headDim()), params.rmsNormEps(), HeadNorm.Order.ROUND_THEN_WEIGH)
        : null;
  }

  private Weight.Vector vector(String name, int size) {
    return store.vector(source.tensor(name, size));
  }

  private Weight.Linear matrix(String name, int out, int in) {
    return store.linear(source.tensor(name, out, in), null);
  }
}

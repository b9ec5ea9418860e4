package dev.fluxgate.encoder.model.clip;

import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The weights of CLIP's text encoder, prepared when first asked for. One thread at a time. */
final class ClipWeights {
  private static final String TOKENS = "embeddings.token_embedding.weight";
  private static final String POSITIONS = "embeddings.position_embedding.weight";

  private final TensorSource source;
  private final WeightStore store;
  private final ClipParams params;

  /** What every name begins with: the published checkpoints have it, newer writers leave it out. */
  private final String prefix;

  private final List<ClipLayer.Weights> layers = new ArrayList<>();
  private final Weight.Embedding tokens;
  private final Weight.Embedding positions;
  private ClipLayer.@Nullable Norm finalNorm;

  ClipWeights(TensorSource source, ClipParams params, WeightStore store) {
    this.source = source;
    this.params = params;
    this.store = store;
    prefix = source.has(TOKENS) ? "" : "text_model.";
    tokens = embedding(TOKENS, params.vocabularySize());
    positions = embedding(POSITIONS, params.maxPositions());
  }

  /** Token embedding, (V, D). */
  Weight.Embedding tokens() {
    return tokens;
  }

  /** Position embedding, (P, D). */
  Weight.Embedding positions() {
    return positions;
  }

  /** Layer {@code index}, counted from 0. */
  ClipLayer.Weights layer(int index) {
    while (layers.size() <= index) {
      layers.add(readLayer("encoder.layers." + layers.size() + "."));
    }
    return layers.get(index);
  }

  /** Norm behind the last layer. */
  ClipLayer.Norm finalNorm() {
    ClipLayer.Norm norm = finalNorm;
    if (norm == null) {
      norm = norm("final_layer_norm");
      finalNorm = norm;
    }
    return norm;
  }

  private ClipLayer.Weights readLayer(String layer) {
    int hidden = params.hiddenSize();
    int inner = params.innerSize();
    return new ClipLayer.Weights(
        norm(layer + "layer_norm1"),
        matrix(layer + "self_attn.q_proj", hidden, hidden),
        matrix(layer + "self_attn.k_proj", hidden, hidden),
        matrix(layer + "self_attn.v_proj", hidden, hidden),
        matrix(layer + "self_attn.out_proj", hidden, hidden),
        norm(layer + "layer_norm2"),
        matrix(layer + "mlp.fc1", inner, hidden),
        matrix(layer + "mlp.fc2", hidden, inner));
  }

  private Weight.Embedding embedding(String name, int rows) {
    return store.embedding(source.tensor(prefix + name, rows, params.hiddenSize()));
  }

  private ClipLayer.Norm norm(String name) {
    int hidden = params.hiddenSize();
    return new ClipLayer.Norm(
        store.vector(source.tensor(prefix + name + ".weight", hidden)),
        store.vector(source.tensor(prefix + name + ".bias", hidden)));
  }

  private Weight.Linear matrix(String name, int out, int in) {
    return store.linear(
        source.tensor(prefix + name + ".weight", out, in),
        source.tensor(prefix + name + ".bias", out));
  }
}

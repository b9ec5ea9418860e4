package dev.fluxgate.encoder.model.t5;

import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The weights of a T5 encoder, prepared when first asked for. One thread at a time. */
final class T5Weights {
  private static final String SHARED = "shared.weight";
  private static final String TOKENS = "encoder.embed_tokens.weight";
  private static final String BIAS =
      "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight";

  private final TensorSource source;
  private final WeightStore store;
  private final T5Params params;
  private final List<T5Layer.Weights> layers = new ArrayList<>();
  private final HostTensor positionBias;
  private final Weight.Embedding embedding;
  private Weight.@Nullable Vector finalNorm;

  T5Weights(TensorSource source, T5Params params, WeightStore store) {
    this.source = source;
    this.params = params;
    this.store = store;
    // Writers keep the table that encoder and decoder share under one of the two names, or both.
    String tokens = !source.has(SHARED) && source.has(TOKENS) ? TOKENS : SHARED;
    embedding =
        store.embedding(source.tensor(tokens, params.vocabularySize(), params.hiddenSize()));
    positionBias = source.tensor(BIAS, params.buckets(), params.heads());
  }

  /** Token embedding, (V, D). */
  Weight.Embedding embedding() {
    return embedding;
  }

  /** Biases of attention by bucket and head, (buckets, H), as stored. */
  HostTensor positionBias() {
    return positionBias;
  }

  /** Layer {@code index}, counted from 0. */
  T5Layer.Weights layer(int index) {
    while (layers.size() <= index) {
      layers.add(readLayer("encoder.block." + layers.size() + ".layer."));
    }
    return layers.get(index);
  }

  /** Norm behind the last layer, (D). */
  Weight.Vector finalNorm() {
    Weight.Vector norm = finalNorm;
    if (norm == null) {
      norm = norm("encoder.final_layer_norm.weight");
      finalNorm = norm;
    }
    return norm;
  }

  private T5Layer.Weights readLayer(String layer) {
    int hidden = params.hiddenSize();
    int features = params.heads() * params.headDim();
    int inner = params.innerSize();
    return new T5Layer.Weights(
        norm(layer + "0.layer_norm.weight"),
        matrix(layer + "0.SelfAttention.q.weight", features, hidden),
        matrix(layer + "0.SelfAttention.k.weight", features, hidden),
        matrix(layer + "0.SelfAttention.v.weight", features, hidden),
        matrix(layer + "0.SelfAttention.o.weight", hidden, features),
        norm(layer + "1.layer_norm.weight"),
        matrix(layer + "1.DenseReluDense.wi_0.weight", inner, hidden),
        matrix(layer + "1.DenseReluDense.wi_1.weight", inner, hidden),
        matrix(layer + "1.DenseReluDense.wo.weight", hidden, inner));
  }

  private Weight.Vector norm(String name) {
    return store.vector(source.tensor(name, params.hiddenSize()));
  }

  private Weight.Linear matrix(String name, int out, int in) {
    return store.linear(source.tensor(name, out, in), null);
  }
}

package dev.fluxgate.cli.bench.checkpoint;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** The tensors of a {@code Qwen3ForCausalLM}. */
final class Qwen3Plan {
  private static final float EMBEDDING_DEVIATION = 0.02f;

  private Qwen3Plan() {}

  /**
   * Sizes of the text encoder.
   *
   * @param hidden width of the residual stream
   * @param intermediate hidden width of the gated MLP
   * @param layers how many
   * @param heads of the queries
   * @param keyValueHeads of keys and values
   * @param headDim features of a head
   * @param vocabulary rows of the embedding
   * @param tied whether the output layer is the embedding
   */
  record Size(
      int hidden,
      int intermediate,
      int layers,
      int heads,
      int keyValueHeads,
      int headDim,
      int vocabulary,
      boolean tied) {}

  static List<PlannedTensor> of(Size size) {
    List<PlannedTensor> tensors = new ArrayList<>();
    tensors.add(
        new PlannedTensor(
            "model.embed_tokens.weight",
            DType.BF16,
            Shape.of(size.vocabulary, size.hidden),
            0,
            EMBEDDING_DEVIATION));
    for (int i = 0; i < size.layers; i++) {
      layer(tensors, "model.layers." + i + ".", size);
    }
    tensors.add(PlannedTensor.constant("model.norm.weight", 1, size.hidden));
    if (!size.tied) {
      tensors.add(PlannedTensor.weight("lm_head.weight", 1, size.vocabulary, size.hidden));
    }
    return tensors;
  }

  private static void layer(List<PlannedTensor> tensors, String layer, Size size) {
    int queries = size.heads * size.headDim;
    int keys = size.keyValueHeads * size.headDim;
    // Two branches a layer add to the residual stream, which is to keep its size.
    float tamed = (float) (1 / Math.sqrt(2.0 * size.layers));
    String attention = layer + "self_attn.";
    tensors.add(PlannedTensor.weight(attention + "q_proj.weight", 1, queries, size.hidden));
    tensors.add(PlannedTensor.weight(attention + "k_proj.weight", 1, keys, size.hidden));
    tensors.add(PlannedTensor.weight(attention + "v_proj.weight", 1, keys, size.hidden));
    tensors.add(PlannedTensor.weight(attention + "o_proj.weight", tamed, size.hidden, queries));
    tensors.add(PlannedTensor.constant(attention + "q_norm.weight", 1, size.headDim));
    tensors.add(PlannedTensor.constant(attention + "k_norm.weight", 1, size.headDim));
    String mlp = layer + "mlp.";
    int inner = size.intermediate;
    tensors.add(PlannedTensor.weight(mlp + "gate_proj.weight", 1, inner, size.hidden));
    tensors.add(PlannedTensor.weight(mlp + "up_proj.weight", 1, inner, size.hidden));
    tensors.add(PlannedTensor.weight(mlp + "down_proj.weight", tamed, size.hidden, inner));
    tensors.add(PlannedTensor.constant(layer + "input_layernorm.weight", 1, size.hidden));
    tensors.add(PlannedTensor.constant(layer + "post_attention_layernorm.weight", 1, size.hidden));
  }
}

package dev.fluxgate.cli.bench.checkpoint;

import dev.fluxgate.denoiser.transformer.Flux2Params;
import java.util.ArrayList;
import java.util.List;

/** The tensors of a {@code Flux2Transformer2DModel}, named as diffusers names them. */
final class TransformerPlan {
  /** Factor on what is added to the residual stream, so that many blocks do not outgrow it. */
  private static final float TAMED = 0.3f;

  private final List<PlannedTensor> tensors = new ArrayList<>();
  private final Flux2Params params;
  private final int width;

  private TransformerPlan(Flux2Params params) {
    this.params = params;
    width = params.heads() * params.headDim();
  }

  static List<PlannedTensor> of(Flux2Params params) {
    TransformerPlan plan = new TransformerPlan(params);
    plan.ends();
    for (int i = 0; i < params.doubleBlocks(); i++) {
      plan.doubleBlock("transformer_blocks." + i + ".");
    }
    for (int i = 0; i < params.singleBlocks(); i++) {
      plan.singleBlock("single_transformer_blocks." + i + ".attn.");
    }
    return plan.tensors;
  }

  private void ends() {
    linear("x_embedder", 1, width, params.inChannels());
    linear("context_embedder", 1, width, params.promptWidth());
    embedder("time_guidance_embed.timestep_embedder");
    if (params.guidanceEmbeds()) {
      embedder("time_guidance_embed.guidance_embedder");
    }
    linear("double_stream_modulation_img.linear", 1, 6 * width, width);
    linear("double_stream_modulation_txt.linear", 1, 6 * width, width);
    linear("single_stream_modulation.linear", 1, 3 * width, width);
    linear("norm_out.linear", 1, 2 * width, width);
    linear("proj_out", 1, params.outChannels(), width);
  }

  private void embedder(String name) {
    linear(name + ".linear_1", 1, width, params.timestepChannels());
    linear(name + ".linear_2", 1, width, width);
  }

  private void doubleBlock(String block) {
    for (String projection :
        List.of("to_q", "to_k", "to_v", "add_q_proj", "add_k_proj", "add_v_proj")) {
      linear(block + "attn." + projection, 1, width, width);
    }
    for (String norm : List.of("norm_q", "norm_k", "norm_added_q", "norm_added_k")) {
      norm(block + "attn." + norm);
    }
    linear(block + "attn.to_out.0", TAMED, width, width);
    linear(block + "attn.to_add_out", TAMED, width, width);
    for (String stream : List.of("ff", "ff_context")) {
      linear(block + stream + ".linear_in", 1, 2 * params.mlpWidth(), width);
      linear(block + stream + ".linear_out", TAMED, width, params.mlpWidth());
    }
  }

  private void singleBlock(String attention) {
    linear(attention + "to_qkv_mlp_proj", 1, 3 * width + 2 * params.mlpWidth(), width);
    norm(attention + "norm_q");
    norm(attention + "norm_k");
    linear(attention + "to_out", TAMED, width, width + params.mlpWidth());
  }

  private void linear(String name, float factor, int outputs, int inputs) {
    tensors.add(PlannedTensor.weight(name + ".weight", factor, outputs, inputs));
  }

  private void norm(String name) {
    tensors.add(PlannedTensor.constant(name + ".weight", 1, params.headDim()));
  }
}

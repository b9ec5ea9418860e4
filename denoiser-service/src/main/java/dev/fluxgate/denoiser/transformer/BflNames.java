package dev.fluxgate.denoiser.transformer;

import java.util.List;
import java.util.Map;

/**
 * Names of the modules of one family in single files → names in diffusers (models spec §1.10,
 * §1.11). Weight and bias of a module go together.
 *
 * @param top modules outside the blocks
 * @param doubleBlock modules of a double block, without the name of the block
 * @param singleBlock modules of a single block, without the name of the block
 */
record BflNames(
    Map<String, String> top,
    Map<String, List<Rows>> doubleBlock,
    Map<String, List<Rows>> singleBlock) {
  /** The module whose halves change places. */
  static final String FINAL_MODULATION = "final_layer.adaLN_modulation.1";

  static final BflNames FLUX2 =
      new BflNames(
          Map.ofEntries(
              Map.entry("img_in", "x_embedder"),
              Map.entry("txt_in", "context_embedder"),
              Map.entry("time_in.in_layer", "time_guidance_embed.timestep_embedder.linear_1"),
              Map.entry("time_in.out_layer", "time_guidance_embed.timestep_embedder.linear_2"),
              Map.entry("guidance_in.in_layer", "time_guidance_embed.guidance_embedder.linear_1"),
              Map.entry("guidance_in.out_layer", "time_guidance_embed.guidance_embedder.linear_2"),
              Map.entry("double_stream_modulation_img.lin", "double_stream_modulation_img.linear"),
              Map.entry("double_stream_modulation_txt.lin", "double_stream_modulation_txt.linear"),
              Map.entry("single_stream_modulation.lin", "single_stream_modulation.linear"),
              Map.entry(FINAL_MODULATION, "norm_out.linear"),
              Map.entry("final_layer.linear", "proj_out")),
          Map.ofEntries(
              Map.entry("img_attn.qkv", thirds("attn.to_q", "attn.to_k", "attn.to_v")),
              Map.entry(
                  "txt_attn.qkv", thirds("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")),
              Map.entry("img_attn.proj", all("attn.to_out.0")),
              Map.entry("txt_attn.proj", all("attn.to_add_out")),
              Map.entry("img_attn.norm.query_norm", all("attn.norm_q")),
              Map.entry("img_attn.norm.key_norm", all("attn.norm_k")),
              Map.entry("txt_attn.norm.query_norm", all("attn.norm_added_q")),
              Map.entry("txt_attn.norm.key_norm", all("attn.norm_added_k")),
              Map.entry("img_mlp.0", all("ff.linear_in")),
              Map.entry("img_mlp.2", all("ff.linear_out")),
              Map.entry("txt_mlp.0", all("ff_context.linear_in")),
              Map.entry("txt_mlp.2", all("ff_context.linear_out"))),
          Map.of(
              "linear1", all("attn.to_qkv_mlp_proj"),
              "linear2", all("attn.to_out"),
              "norm.query_norm", all("attn.norm_q"),
              "norm.key_norm", all("attn.norm_k")));

  static final BflNames FLUX1 =
      new BflNames(
          Map.ofEntries(
              Map.entry("img_in", "x_embedder"),
              Map.entry("txt_in", "context_embedder"),
              Map.entry("time_in.in_layer", "time_text_embed.timestep_embedder.linear_1"),
              Map.entry("time_in.out_layer", "time_text_embed.timestep_embedder.linear_2"),
              Map.entry("guidance_in.in_layer", "time_text_embed.guidance_embedder.linear_1"),
              Map.entry("guidance_in.out_layer", "time_text_embed.guidance_embedder.linear_2"),
              Map.entry("vector_in.in_layer", "time_text_embed.text_embedder.linear_1"),
              Map.entry("vector_in.out_layer", "time_text_embed.text_embedder.linear_2"),
              Map.entry(FINAL_MODULATION, "norm_out.linear"),
              Map.entry("final_layer.linear", "proj_out")),
          Map.ofEntries(
              Map.entry("img_mod.lin", all("norm1.linear")),
              Map.entry("txt_mod.lin", all("norm1_context.linear")),
              Map.entry("img_attn.qkv", thirds("attn.to_q", "attn.to_k", "attn.to_v")),
              Map.entry(
                  "txt_attn.qkv", thirds("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")),
              Map.entry("img_attn.proj", all("attn.to_out.0")),
              Map.entry("txt_attn.proj", all("attn.to_add_out")),
              Map.entry("img_attn.norm.query_norm", all("attn.norm_q")),
              Map.entry("img_attn.norm.key_norm", all("attn.norm_k")),
              Map.entry("txt_attn.norm.query_norm", all("attn.norm_added_q")),
              Map.entry("txt_attn.norm.key_norm", all("attn.norm_added_k")),
              Map.entry("img_mlp.0", all("ff.net.0.proj")),
              Map.entry("img_mlp.2", all("ff.net.2")),
              Map.entry("txt_mlp.0", all("ff_context.net.0.proj")),
              Map.entry("txt_mlp.2", all("ff_context.net.2"))),
          Map.of(
              "modulation.lin", all("norm.linear"),
              // q, k and v, and an MLP four times as wide as each of them.
              "linear1",
                  List.of(
                      new Rows("attn.to_q", 0, 1, 7),
                      new Rows("attn.to_k", 1, 1, 7),
                      new Rows("attn.to_v", 2, 1, 7),
                      new Rows("proj_mlp", 3, 4, 7)),
              "linear2", all("proj_out"),
              "norm.query_norm", all("attn.norm_q"),
              "norm.key_norm", all("attn.norm_k")));

  private static List<Rows> all(String module) {
    return List.of(new Rows(module, 0, 1, 1));
  }

  private static List<Rows> thirds(String first, String second, String third) {
    return List.of(new Rows(first, 0, 1, 3), new Rows(second, 1, 1, 3), new Rows(third, 2, 1, 3));
  }

  /**
   * Rows of a stored tensor that are a module of their own in diffusers.
   *
   * @param module its name
   * @param from first share
   * @param count number of shares
   * @param of equal shares of all rows
   */
  record Rows(String module, int from, int count, int of) {}
}

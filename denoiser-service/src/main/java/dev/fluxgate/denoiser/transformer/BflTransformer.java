package dev.fluxgate.denoiser.transformer;

import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A single-file transformer under the keys of diffusers (flux2 spec §1.10, formats spec §2.3,
 * §2.4): a prefix is stripped, names are translated, fused q, k and v become their thirds (views),
 * and the halves of the final modulation change places (the one copy, 2·D·D values).
 */
public final class BflTransformer implements TensorSource {
  private static final String MARK = "img_in.weight";
  private static final List<String> PREFIXES =
      List.of("", "model.diffusion_model.", "diffusion_model.", "model.model.", "net.", "model.");
  private static final String FINAL_MODULATION = "final_layer.adaLN_modulation.1.weight";

  private static final Map<String, String> TOP =
      Map.ofEntries(
          Map.entry("img_in.weight", "x_embedder.weight"),
          Map.entry("txt_in.weight", "context_embedder.weight"),
          Map.entry(
              "time_in.in_layer.weight", "time_guidance_embed.timestep_embedder.linear_1.weight"),
          Map.entry(
              "time_in.out_layer.weight", "time_guidance_embed.timestep_embedder.linear_2.weight"),
          Map.entry(
              "guidance_in.in_layer.weight",
              "time_guidance_embed.guidance_embedder.linear_1.weight"),
          Map.entry(
              "guidance_in.out_layer.weight",
              "time_guidance_embed.guidance_embedder.linear_2.weight"),
          Map.entry(
              "double_stream_modulation_img.lin.weight",
              "double_stream_modulation_img.linear.weight"),
          Map.entry(
              "double_stream_modulation_txt.lin.weight",
              "double_stream_modulation_txt.linear.weight"),
          Map.entry(
              "single_stream_modulation.lin.weight", "single_stream_modulation.linear.weight"),
          Map.entry(FINAL_MODULATION, "norm_out.linear.weight"),
          Map.entry("final_layer.linear.weight", "proj_out.weight"));

  private static final Map<String, List<String>> DOUBLE =
      Map.ofEntries(
          Map.entry(
              "img_attn.qkv.weight",
              List.of("attn.to_q.weight", "attn.to_k.weight", "attn.to_v.weight")),
          Map.entry(
              "txt_attn.qkv.weight",
              List.of(
                  "attn.add_q_proj.weight", "attn.add_k_proj.weight", "attn.add_v_proj.weight")),
          Map.entry("img_attn.proj.weight", List.of("attn.to_out.0.weight")),
          Map.entry("txt_attn.proj.weight", List.of("attn.to_add_out.weight")),
          Map.entry("img_attn.norm.query_norm.scale", List.of("attn.norm_q.weight")),
          Map.entry("img_attn.norm.key_norm.scale", List.of("attn.norm_k.weight")),
          Map.entry("txt_attn.norm.query_norm.scale", List.of("attn.norm_added_q.weight")),
          Map.entry("txt_attn.norm.key_norm.scale", List.of("attn.norm_added_k.weight")),
          Map.entry("img_mlp.0.weight", List.of("ff.linear_in.weight")),
          Map.entry("img_mlp.2.weight", List.of("ff.linear_out.weight")),
          Map.entry("txt_mlp.0.weight", List.of("ff_context.linear_in.weight")),
          Map.entry("txt_mlp.2.weight", List.of("ff_context.linear_out.weight")));

  private static final Map<String, List<String>> SINGLE =
      Map.of(
          "linear1.weight", List.of("attn.to_qkv_mlp_proj.weight"),
          "linear2.weight", List.of("attn.to_out.weight"),
          "norm.query_norm.scale", List.of("attn.norm_q.weight"),
          "norm.key_norm.scale", List.of("attn.norm_k.weight"));

  private final TensorSource file;
  private final Map<String, Part> parts = new HashMap<>();

  private BflTransformer(TensorSource file, String prefix) {
    this.file = file;
    for (String name : file.names()) {
      if (name.startsWith(prefix)) {
        add(name, name.substring(prefix.length()));
      }
    }
  }

  /** {@code source} under the keys of diffusers, whichever of the two layouts it has. */
  public static TensorSource adapt(TensorSource source) {
    return PREFIXES.stream()
        .filter(prefix -> source.has(prefix + MARK))
        .findFirst()
        .<TensorSource>map(prefix -> new BflTransformer(source, prefix))
        .orElse(source);
  }

  @Override
  public @Nullable HostTensor find(String name) {
    Part part = parts.get(name);
    HostTensor stored = part == null ? null : file.find(part.key());
    if (part == null || stored == null || stored.shape().rank() == 0) {
      return stored;
    }
    long rows = stored.shape().dim(0);
    if (part.key().endsWith(FINAL_MODULATION)) {
      return swapHalves(stored);
    }
    if (part.count() == 1 || rows % part.count() != 0) {
      return stored;
    }
    return stored.slice(part.index() * (rows / part.count()), rows / part.count());
  }

  @Override
  public Set<String> names() {
    return Set.copyOf(parts.keySet());
  }

  @Override
  public String origin() {
    return file.origin();
  }

  private void add(String key, String bflName) {
    // Files saved by ComfyUI end the names of norms in "weight".
    String name = bflName.replaceFirst("(query|key)_norm\\.weight$", "$1_norm.scale");
    String top = TOP.get(name);
    if (top != null) {
      parts.put(top, new Part(key, 0, 1));
    }
    addBlock(key, name, "double_blocks.", "transformer_blocks.", DOUBLE);
    addBlock(key, name, "single_blocks.", "single_transformer_blocks.", SINGLE);
  }

  private void addBlock(
      String key, String name, String from, String to, Map<String, List<String>> table) {
    int dot = name.indexOf('.', from.length());
    if (!name.startsWith(from) || dot < 0) {
      return;
    }
    String block = to + name.substring(from.length(), dot + 1);
    List<String> targets = new ArrayList<>(table.getOrDefault(name.substring(dot + 1), List.of()));
    for (int i = 0; i < targets.size(); i++) {
      parts.put(block + targets.get(i), new Part(key, i, targets.size()));
    }
  }

  /** BFL stores [shift; scale], diffusers [scale; shift]. */
  private static HostTensor swapHalves(HostTensor stored) {
    HostTensor swapped = HostTensor.zeros(stored.dtype(), stored.shape());
    long half = stored.data().byteSize() / 2;
    MemorySegment.copy(stored.data(), half, swapped.data(), 0, half);
    MemorySegment.copy(stored.data(), 0, swapped.data(), half, half);
    return swapped;
  }

  /**
   * Where a tensor lies.
   *
   * @param key name in the file
   * @param index which of the equal parts of its rows
   * @param count number of parts
   */
  private record Part(String key, int index, int count) {}
}

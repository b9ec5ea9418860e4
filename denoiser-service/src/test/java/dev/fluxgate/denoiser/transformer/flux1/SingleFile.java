package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A checkpoint under the names of single files: fused matrices, halves the other way round. */
final class SingleFile implements TensorSource {
  private final Map<String, HostTensor> tensors = new TreeMap<>();

  private SingleFile() {}

  static SingleFile of(TensorSource folder, Flux1Params params) {
    SingleFile file = new SingleFile();
    file.both(folder, "img_in", "x_embedder");
    file.both(folder, "txt_in", "context_embedder");
    file.embedder(folder, "time_in", "timestep_embedder");
    file.embedder(folder, "vector_in", "text_embedder");
    if (params.guidanceEmbeds()) {
      file.embedder(folder, "guidance_in", "guidance_embedder");
    }
    for (int i = 0; i < params.doubleBlocks(); i++) {
      String to = "double_blocks." + i + ".";
      String from = "transformer_blocks." + i + ".";
      file.stream(folder, to + "img_", from, List.of("norm1", "ff", "to_out.0", "norm_", "to_%s"));
      file.stream(
          folder,
          to + "txt_",
          from,
          List.of("norm1_context", "ff_context", "to_add_out", "norm_added_", "add_%s_proj"));
    }
    for (int i = 0; i < params.singleBlocks(); i++) {
      file.single(folder, "single_blocks." + i + ".", "single_transformer_blocks." + i + ".");
    }
    for (String suffix : List.of(".weight", ".bias")) {
      HostTensor stored = stored(folder, "norm_out.linear" + suffix);
      long half = stored.shape().dim(0) / 2;
      file.tensors.put(
          "final_layer.adaLN_modulation.1" + suffix,
          stack(List.of(stored.slice(half, half), stored.slice(0, half))));
    }
    file.both(folder, "final_layer.linear", "proj_out");
    return file;
  }

  private void embedder(TensorSource folder, String to, String from) {
    both(folder, to + ".in_layer", "time_text_embed." + from + ".linear_1");
    both(folder, to + ".out_layer", "time_text_embed." + from + ".linear_2");
  }

  /** names: modulation, MLP, output, prefix of the norms, pattern of q, k and v. */
  private void stream(TensorSource folder, String to, String from, List<String> names) {
    String attention = from + "attn.";
    both(folder, to + "mod.lin", from + names.get(0) + ".linear");
    both(folder, to + "mlp.0", from + names.get(1) + ".net.0.proj");
    both(folder, to + "mlp.2", from + names.get(1) + ".net.2");
    both(folder, to + "attn.proj", attention + names.get(2));
    norm(folder, to + "attn.norm.query_norm.scale", attention + names.get(3) + "q");
    norm(folder, to + "attn.norm.key_norm.scale", attention + names.get(3) + "k");
    String pattern = attention + names.get(4);
    both(
        folder,
        to + "attn.qkv",
        pattern.formatted("q"),
        pattern.formatted("k"),
        pattern.formatted("v"));
  }

  private void single(TensorSource folder, String to, String from) {
    both(folder, to + "modulation.lin", from + "norm.linear");
    both(folder, to + "linear2", from + "proj_out");
    norm(folder, to + "norm.query_norm.scale", from + "attn.norm_q");
    norm(folder, to + "norm.key_norm.scale", from + "attn.norm_k");
    both(
        folder,
        to + "linear1",
        from + "attn.to_q",
        from + "attn.to_k",
        from + "attn.to_v",
        from + "proj_mlp");
  }

  private void norm(TensorSource folder, String to, String from) {
    tensors.put(to, stored(folder, from + ".weight"));
  }

  /** Weights and biases of some modules, one below the other. */
  private void both(TensorSource folder, String to, String... from) {
    for (String suffix : List.of(".weight", ".bias")) {
      List<HostTensor> parts =
          Arrays.stream(from).map(name -> stored(folder, name + suffix)).toList();
      tensors.put(to + suffix, stack(parts));
    }
  }

  private static HostTensor stored(TensorSource folder, String name) {
    return Objects.requireNonNull(folder.find(name), name);
  }

  private static HostTensor stack(List<HostTensor> parts) {
    HostTensor first = parts.getFirst();
    long rows = parts.stream().mapToLong(part -> part.shape().dim(0)).sum();
    Shape shape = first.shape().rank() == 1 ? Shape.of(rows) : Shape.of(rows, first.shape().dim(1));
    HostTensor all = HostTensor.zeros(first.dtype(), shape);
    long at = 0;
    for (HostTensor part : parts) {
      all.data().asSlice(at, part.data().byteSize()).copyFrom(part.data());
      at += part.data().byteSize();
    }
    return all;
  }

  @Override
  public @Nullable HostTensor find(String name) {
    return tensors.get(name);
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public String origin() {
    return "flux1.safetensors";
  }
}

package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a transformer, from the keys of diffusers (flux2 spec §1.10); {@link
 * dev.fluxgate.denoiser.transformer.BflTransformer} gives a single file the same keys. Matrices
 * that the checkpoint stores as one are prepared in parts, each a view of the stored rows. D width,
 * F width of the MLP.
 *
 * @param imageEmbedder (D, C)
 * @param promptEmbedder (D, width of the prompt)
 * @param time sinusoid of the time → D
 * @param guidance sinusoid of the guidance scale → D, if the model has it
 * @param imageModulation (6·D, D)
 * @param textModulation (6·D, D)
 * @param singleModulation (3·D, D)
 * @param doubleBlocks in order
 * @param singleBlocks in order
 * @param finalScale (D, D)
 * @param finalShift (D, D)
 * @param projection (C, D)
 */
public record Flux2Weights(
    Weight.Linear imageEmbedder,
    Weight.Linear promptEmbedder,
    Embedder time,
    @Nullable Embedder guidance,
    Weight.Linear imageModulation,
    Weight.Linear textModulation,
    Weight.Linear singleModulation,
    List<DoubleBlock> doubleBlocks,
    List<SingleBlock> singleBlocks,
    Weight.Linear finalScale,
    Weight.Linear finalShift,
    Weight.Linear projection) {

  /**
   * Two matrices with SiLU between them.
   *
   * @param in (D, sinusoid)
   * @param out (D, D)
   */
  public record Embedder(Weight.Linear in, Weight.Linear out) {}

  /**
   * One of the two streams of a double block.
   *
   * @param q (D, D)
   * @param k (D, D)
   * @param v (D, D)
   * @param normQ (K)
   * @param normK (K)
   * @param out (D, D)
   * @param gate (F, D)
   * @param up (F, D)
   * @param down (D, F)
   */
  public record Stream(
      Weight.Linear q,
      Weight.Linear k,
      Weight.Linear v,
      Weight.Vector normQ,
      Weight.Vector normK,
      Weight.Linear out,
      Weight.Linear gate,
      Weight.Linear up,
      Weight.Linear down) {}

  /**
   * A double-stream block.
   *
   * @param image weights of the image stream
   * @param text weights of the text stream
   */
  public record DoubleBlock(Stream image, Stream text) {}

  /**
   * A single-stream block.
   *
   * @param q (D, D)
   * @param k (D, D)
   * @param v (D, D)
   * @param gate (F, D)
   * @param up (F, D)
   * @param normQ (K)
   * @param normK (K)
   * @param out (D, D + F), attention columns first
   */
  public record SingleBlock(
      Weight.Linear q,
      Weight.Linear k,
      Weight.Linear v,
      Weight.Linear gate,
      Weight.Linear up,
      Weight.Vector normQ,
      Weight.Vector normK,
      Weight.Linear out) {}

  /**
   * Prepares all weights; they live as long as {@code store} and the files behind {@code source}.
   *
   * @throws dev.fluxgate.engine.checkpoint.MissingWeightException if one is missing
   * @throws dev.fluxgate.engine.checkpoint.WeightShapeException if one does not fit {@code params}
   */
  public static Flux2Weights load(Flux2Params params, TensorSource source, WeightStore store) {
    return new Loader(params, source, store).load();
  }

  /**
   * The architecture that the shapes of {@code source} tell, for files without a configuration.
   * What no shape tells is as released: equal axes, theta 2000, eps 1e-6.
   */
  public static Flux2Params params(TensorSource source) {
    HostTensor image = Loader.matrix(source, "x_embedder.weight");
    HostTensor prompt = Loader.matrix(source, "context_embedder.weight");
    HostTensor time =
        Loader.matrix(source, "time_guidance_embed.timestep_embedder.linear_1.weight");
    HostTensor head = Loader.present(source, "single_transformer_blocks.0.attn.norm_q.weight");
    HostTensor out = Loader.matrix(source, "single_transformer_blocks.0.attn.to_out.weight");
    HostTensor projection = Loader.matrix(source, "proj_out.weight");
    int width = image.shape().size(0);
    int headDim = Math.toIntExact(head.shape().count());
    return new Flux2Params(
        image.shape().size(1),
        projection.shape().size(0),
        Loader.blocks(source, "transformer_blocks."),
        Loader.blocks(source, "single_transformer_blocks."),
        width / headDim,
        headDim,
        prompt.shape().size(1),
        time.shape().size(1),
        out.shape().size(1) - width,
        Collections.nCopies(4, headDim / 4),
        Flux2Params.ROPE_THETA,
        Flux2Params.EPS,
        source.has("time_guidance_embed.guidance_embedder.linear_1.weight"));
  }

  /** One pass over the keys. */
  private record Loader(Flux2Params params, TensorSource source, WeightStore store) {

    Flux2Weights load() {
      int width = params.width();
      return new Flux2Weights(
          linear("x_embedder.weight", width, params.inChannels()),
          linear("context_embedder.weight", width, params.promptWidth()),
          embedder("time_guidance_embed.timestep_embedder."),
          params.guidanceEmbeds() ? embedder("time_guidance_embed.guidance_embedder.") : null,
          linear("double_stream_modulation_img.linear.weight", 6 * width, width),
          linear("double_stream_modulation_txt.linear.weight", 6 * width, width),
          linear("single_stream_modulation.linear.weight", 3 * width, width),
          IntStream.range(0, params.doubleBlocks()).mapToObj(this::doubleBlock).toList(),
          IntStream.range(0, params.singleBlocks()).mapToObj(this::singleBlock).toList(),
          rows(source.tensor("norm_out.linear.weight", 2L * width, width), 0, width),
          rows(source.tensor("norm_out.linear.weight", 2L * width, width), width, width),
          linear("proj_out.weight", params.outChannels(), width));
    }

    private Embedder embedder(String prefix) {
      return new Embedder(
          linear(prefix + "linear_1.weight", params.width(), params.timestepChannels()),
          linear(prefix + "linear_2.weight", params.width(), params.width()));
    }

    private DoubleBlock doubleBlock(int index) {
      String block = "transformer_blocks." + index + ".";
      String attention = block + "attn.";
      Stream image =
          stream(
              qkv(attention, List.of("to_q", "to_k", "to_v"), "to_qkv"),
              List.of(attention + "norm_q.weight", attention + "norm_k.weight"),
              attention + "to_out.0.weight",
              block + "ff.");
      Stream text =
          stream(
              qkv(attention, List.of("add_q_proj", "add_k_proj", "add_v_proj"), "to_added_qkv"),
              List.of(attention + "norm_added_q.weight", attention + "norm_added_k.weight"),
              attention + "to_add_out.weight",
              block + "ff_context.");
      return new DoubleBlock(image, text);
    }

    private Stream stream(List<HostTensor> qkv, List<String> norms, String out, String mlp) {
      int width = params.width();
      int hidden = params.mlpWidth();
      HostTensor gateAndUp = source.tensor(mlp + "linear_in.weight", 2L * hidden, width);
      return new Stream(
          store.linear(qkv.get(0), null),
          store.linear(qkv.get(1), null),
          store.linear(qkv.get(2), null),
          vector(norms.get(0)),
          vector(norms.get(1)),
          linear(out, width, width),
          rows(gateAndUp, 0, hidden),
          rows(gateAndUp, hidden, hidden),
          linear(mlp + "linear_out.weight", width, hidden));
    }

    /** Three matrices, or their rows in the one that {@code fuse_qkv_projections} leaves. */
    private List<HostTensor> qkv(String prefix, List<String> parts, String fused) {
      long width = params.width();
      if (source.has(prefix + parts.getFirst() + ".weight")
          || !source.has(prefix + fused + ".weight")) {
        return parts.stream()
            .map(part -> source.tensor(prefix + part + ".weight", width, width))
            .toList();
      }
      HostTensor all = source.tensor(prefix + fused + ".weight", 3 * width, width);
      return List.of(all.slice(0, width), all.slice(width, width), all.slice(2 * width, width));
    }

    private SingleBlock singleBlock(int index) {
      String attention = "single_transformer_blocks." + index + ".attn.";
      int width = params.width();
      int hidden = params.mlpWidth();
      HostTensor all =
          source.tensor(attention + "to_qkv_mlp_proj.weight", 3L * width + 2L * hidden, width);
      return new SingleBlock(
          rows(all, 0, width),
          rows(all, width, width),
          rows(all, 2 * width, width),
          rows(all, 3 * width, hidden),
          rows(all, 3 * width + hidden, hidden),
          vector(attention + "norm_q.weight"),
          vector(attention + "norm_k.weight"),
          linear(attention + "to_out.weight", width, width + hidden));
    }

    private Weight.Linear linear(String key, int out, int in) {
      return store.linear(source.tensor(key, out, in), null);
    }

    private Weight.Linear rows(HostTensor matrix, int from, int count) {
      return store.linear(matrix.slice(from, count), null);
    }

    private Weight.Vector vector(String key) {
      return store.vector(source.tensor(key, params.headDim()));
    }

    static HostTensor present(TensorSource source, String key) {
      HostTensor tensor = source.find(key);
      // Asking for it by shape raises the error that names file and key.
      return tensor != null ? tensor : source.tensor(key, 0);
    }

    static HostTensor matrix(TensorSource source, String key) {
      HostTensor tensor = present(source, key);
      return tensor.shape().rank() == 2 ? tensor : source.tensor(key, 0, 0);
    }

    static int blocks(TensorSource source, String prefix) {
      return source.names().stream()
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .mapToInt(rest -> Integer.parseInt(rest.substring(0, rest.indexOf('.'))) + 1)
          .max()
          .orElse(0);
    }
  }
}

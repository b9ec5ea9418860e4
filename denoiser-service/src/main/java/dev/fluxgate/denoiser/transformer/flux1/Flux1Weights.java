package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a transformer, from the keys of diffusers (models spec §1.11); {@link
 * dev.fluxgate.denoiser.transformer.BflTransformer} gives a single file the same keys. Every matrix
 * has a bias. D width, F width of the MLP.
 *
 * @param imageEmbedder (D, C)
 * @param promptEmbedder (D, width of the prompt)
 * @param time sinusoid of the time → D
 * @param guidance sinusoid of the guidance scale → D, if the model has it
 * @param pooled pooled embed → D
 * @param doubleBlocks in order
 * @param singleBlocks in order
 * @param finalScale (D, D)
 * @param finalShift (D, D)
 * @param projection (C, D)
 */
public record Flux1Weights(
    Weight.Linear imageEmbedder,
    Weight.Linear promptEmbedder,
    Embedder time,
    @Nullable Embedder guidance,
    Embedder pooled,
    List<DoubleBlock> doubleBlocks,
    List<SingleBlock> singleBlocks,
    Weight.Linear finalScale,
    Weight.Linear finalShift,
    Weight.Linear projection) {

  /**
   * Two matrices with SiLU between them.
   *
   * @param in (D, input)
   * @param out (D, D)
   */
  public record Embedder(Weight.Linear in, Weight.Linear out) {}

  /**
   * Queries, keys and values.
   *
   * @param q (D, D)
   * @param k (D, D)
   * @param v (D, D)
   * @param normQ (K)
   * @param normK (K)
   */
  public record Heads(
      Weight.Linear q,
      Weight.Linear k,
      Weight.Linear v,
      Weight.Vector normQ,
      Weight.Vector normK) {}

  /**
   * One of the two streams of a double block.
   *
   * @param modulation (6·D, D)
   * @param heads of the attention
   * @param out (D, D)
   * @param up (F, D)
   * @param down (D, F)
   */
  public record Stream(
      Weight.Linear modulation,
      Heads heads,
      Weight.Linear out,
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
   * @param modulation (3·D, D)
   * @param heads of the attention
   * @param up (F, D)
   * @param out (D, D + F), attention columns first
   */
  public record SingleBlock(
      Weight.Linear modulation, Heads heads, Weight.Linear up, Weight.Linear out) {}

  /**
   * Prepares all weights; they live as long as {@code store} and the files behind {@code source}.
   *
   * @throws dev.fluxgate.engine.checkpoint.MissingWeightException if one is missing
   * @throws dev.fluxgate.engine.checkpoint.WeightShapeException if one does not fit {@code params}
   */
  public static Flux1Weights load(Flux1Params params, TensorSource source, WeightStore store) {
    return new Loader(params, source, store).load();
  }

  /** One pass over the keys. */
  private record Loader(Flux1Params params, TensorSource source, WeightStore store) {

    Flux1Weights load() {
      int width = params.width();
      return new Flux1Weights(
          linear("x_embedder", width, params.inChannels()),
          linear("context_embedder", width, params.promptWidth()),
          embedder("time_text_embed.timestep_embedder.", Flux1Params.SINUSOID),
          params.guidanceEmbeds()
              ? embedder("time_text_embed.guidance_embedder.", Flux1Params.SINUSOID)
              : null,
          embedder("time_text_embed.text_embedder.", params.pooledWidth()),
          IntStream.range(0, params.doubleBlocks()).mapToObj(this::doubleBlock).toList(),
          IntStream.range(0, params.singleBlocks()).mapToObj(this::singleBlock).toList(),
          half("norm_out.linear", 0),
          half("norm_out.linear", 1),
          linear("proj_out", params.outChannels(), width));
    }

    private Embedder embedder(String prefix, int in) {
      return new Embedder(
          linear(prefix + "linear_1", params.width(), in),
          linear(prefix + "linear_2", params.width(), params.width()));
    }

    private DoubleBlock doubleBlock(int index) {
      String block = "transformer_blocks." + index + ".";
      String attention = block + "attn.";
      return new DoubleBlock(
          stream(
              block + "norm1.linear",
              heads(attention, List.of("to_q", "to_k", "to_v", "norm_q", "norm_k")),
              attention + "to_out.0",
              block + "ff.net."),
          stream(
              block + "norm1_context.linear",
              heads(
                  attention,
                  List.of(
                      "add_q_proj", "add_k_proj", "add_v_proj", "norm_added_q", "norm_added_k")),
              attention + "to_add_out",
              block + "ff_context.net."));
    }

    private Stream stream(String modulation, Heads heads, String out, String mlp) {
      int width = params.width();
      int hidden = params.mlpWidth();
      return new Stream(
          linear(modulation, 6 * width, width),
          heads,
          linear(out, width, width),
          linear(mlp + "0.proj", hidden, width),
          linear(mlp + "2", width, hidden));
    }

    private SingleBlock singleBlock(int index) {
      String block = "single_transformer_blocks." + index + ".";
      int width = params.width();
      int hidden = params.mlpWidth();
      return new SingleBlock(
          linear(block + "norm.linear", 3 * width, width),
          heads(block + "attn.", List.of("to_q", "to_k", "to_v", "norm_q", "norm_k")),
          linear(block + "proj_mlp", hidden, width),
          linear(block + "proj_out", width, width + hidden));
    }

    private Heads heads(String prefix, List<String> names) {
      int width = params.width();
      return new Heads(
          linear(prefix + names.get(0), width, width),
          linear(prefix + names.get(1), width, width),
          linear(prefix + names.get(2), width, width),
          store.vector(source.tensor(prefix + names.get(3) + ".weight", params.headDim())),
          store.vector(source.tensor(prefix + names.get(4) + ".weight", params.headDim())));
    }

    private Weight.Linear linear(String module, int out, int in) {
      return store.linear(
          source.tensor(module + ".weight", out, in), source.tensor(module + ".bias", out));
    }

    /** One of two (D, D) matrices stored as one. */
    private Weight.Linear half(String module, int index) {
      int width = params.width();
      HostTensor weight = source.tensor(module + ".weight", 2L * width, width);
      HostTensor bias = source.tensor(module + ".bias", 2L * width);
      long from = (long) index * width;
      return store.linear(weight.slice(from, width), bias.slice(from, width));
    }
  }
}

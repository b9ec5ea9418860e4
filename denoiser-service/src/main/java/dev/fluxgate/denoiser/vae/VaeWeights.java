package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights of the encoder or of the decoder, from the keys of diffusers (flux2 spec §4.7); {@link
 * BflVae} gives a single file the same keys.
 *
 * @param convIn first convolution, 3 × 3
 * @param levels in the order in which they are passed
 * @param midFirst residual block before the attention
 * @param attention attention of the middle, if there is one
 * @param midSecond residual block after it
 * @param normOut norm before the last convolution
 * @param convOut last convolution, 3 × 3
 * @param quantConv 1 × 1 convolution between this half and the latent, if there is one
 */
public record VaeWeights(
    Weight.Convolution convIn,
    List<Level> levels,
    Resnet midFirst,
    @Nullable Attention attention,
    Resnet midSecond,
    GroupNorm normOut,
    Weight.Convolution convOut,
    Weight.@Nullable Convolution quantConv) {

  /**
   * Blocks at one size of the picture.
   *
   * @param resnets in order
   * @param resample convolution that halves the size or follows its doubling, if it changes
   */
  public record Level(List<Resnet> resnets, Weight.@Nullable Convolution resample) {}

  /**
   * A residual block.
   *
   * @param norm1 over the channels in
   * @param conv1 3 × 3, channels in → out
   * @param norm2 over the channels out
   * @param conv2 3 × 3, channels out → out
   * @param shortcut 1 × 1, if the channels change
   */
  public record Resnet(
      GroupNorm norm1,
      Weight.Convolution conv1,
      GroupNorm norm2,
      Weight.Convolution conv2,
      Weight.@Nullable Convolution shortcut) {}

  /**
   * Attention of one head over all pixels. In the reference the pixels of its input lie side by
   * side in memory, not the channels, so that its products with q, k and v are rounded before the
   * bias is added.
   *
   * @param norm over C
   * @param q (C, C)
   * @param k (C, C)
   * @param v (C, C)
   * @param out (C, C)
   */
  public record Attention(
      GroupNorm norm, Projection q, Projection k, Projection v, Weight.Linear out) {}

  /**
   * A matrix and the bias that is added to the rounded product.
   *
   * @param matrix (C, C)
   * @param bias (C)
   */
  public record Projection(Weight.Linear matrix, Epilogue.AddBias bias) {}

  /**
   * Prepares the weights of the encoder; they live as long as {@code store} and the files behind
   * {@code source}.
   *
   * @throws dev.fluxgate.engine.checkpoint.MissingWeightException if one is missing
   * @throws dev.fluxgate.engine.checkpoint.WeightShapeException if one does not fit {@code params}
   */
  public static VaeWeights encoder(VaeParams params, TensorSource source, WeightStore store) {
    Loader loader = new Loader(params, source, store);
    List<Integer> channels = params.encoderChannels();
    int deepest = channels.getLast();
    int moments = 2 * params.latentChannels();
    return new VaeWeights(
        loader.convolution("encoder.conv_in", channels.getFirst(), params.inChannels(), 3),
        loader.levels("encoder.down_blocks.", channels, params.layersPerBlock(), ".downsamplers"),
        loader.resnet("encoder.mid_block.resnets.0.", deepest, deepest),
        loader.attention("encoder.mid_block.attentions.0.", deepest),
        loader.resnet("encoder.mid_block.resnets.1.", deepest, deepest),
        loader.norm("encoder.conv_norm_out", deepest),
        loader.convolution("encoder.conv_out", moments, deepest, 3),
        params.quantConv() ? loader.convolution("quant_conv", moments, moments, 1) : null);
  }

  /** As {@link #encoder}, for the decoder. */
  public static VaeWeights decoder(VaeParams params, TensorSource source, WeightStore store) {
    Loader loader = new Loader(params, source, store);
    List<Integer> channels = params.decoderChannels().reversed();
    int deepest = channels.getFirst();
    int last = channels.getLast();
    int latent = params.latentChannels();
    int layers = params.layersPerBlock() + 1;
    return new VaeWeights(
        loader.convolution("decoder.conv_in", deepest, latent, 3),
        loader.levels("decoder.up_blocks.", channels, layers, ".upsamplers"),
        loader.resnet("decoder.mid_block.resnets.0.", deepest, deepest),
        loader.attention("decoder.mid_block.attentions.0.", deepest),
        loader.resnet("decoder.mid_block.resnets.1.", deepest, deepest),
        loader.norm("decoder.conv_norm_out", last),
        loader.convolution("decoder.conv_out", params.outChannels(), last, 3),
        params.postQuantConv() ? loader.convolution("post_quant_conv", latent, latent, 1) : null);
  }

  /** Running mean of the 4·Z channels of a latent cut into patches. */
  static HostTensor latentMean(VaeParams params, TensorSource source) {
    return source.tensor("bn.running_mean", 4L * params.latentChannels());
  }

  /** Running variance of the 4·Z channels of a latent cut into patches. */
  static HostTensor latentVariance(VaeParams params, TensorSource source) {
    return source.tensor("bn.running_var", 4L * params.latentChannels());
  }

  /**
   * The architecture that the shapes of {@code source} tell, for files without a configuration.
   *
   * @param groups groups of every group norm, which no shape tells; 32 as released
   */
  public static VaeParams params(TensorSource source, int groups) {
    String firstFilter = ".resnets.0.conv1.weight";
    int levels = count(source, "encoder.down_blocks.", firstFilter);
    List<Integer> down = new ArrayList<>();
    List<Integer> up = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      down.add(channels(source, "encoder.down_blocks." + i + firstFilter, 0));
      up.addFirst(channels(source, "decoder.up_blocks." + i + firstFilter, 0));
    }
    return new VaeParams(
        channels(source, "encoder.conv_in.weight", 1),
        channels(source, "decoder.conv_out.weight", 0),
        channels(source, "decoder.conv_in.weight", 1),
        down,
        up,
        count(source, "encoder.down_blocks.0.resnets.", ".conv1.weight"),
        groups,
        source.has("quant_conv.weight"),
        source.has("post_quant_conv.weight"),
        source.has("decoder.mid_block.attentions.0.to_q.weight"),
        VaeParams.BATCH_NORM_EPS,
        VaeParams.SAMPLE_SIZE);
  }

  private static int count(TensorSource source, String before, String after) {
    int count = 0;
    while (source.has(before + count + after)) {
      count++;
    }
    return count;
  }

  private static int channels(TensorSource source, String key, int dimension) {
    HostTensor filter = source.find(key);
    if (filter == null || filter.shape().rank() != 4) {
      // Asking for it by shape raises the error that names file and key.
      filter = source.tensor(key, 0, 0, 3, 3);
    }
    return filter.shape().size(dimension);
  }

  /** One pass over the keys. */
  private record Loader(VaeParams params, TensorSource source, WeightStore store) {

    /** All levels but the last change the size. */
    List<Level> levels(String prefix, List<Integer> channels, int layers, String resampler) {
      List<Level> levels = new ArrayList<>();
      for (int i = 0; i < channels.size(); i++) {
        int in = channels.get(Math.max(i - 1, 0));
        int out = channels.get(i);
        List<Resnet> resnets = new ArrayList<>();
        for (int j = 0; j < layers; j++) {
          resnets.add(resnet(prefix + i + ".resnets." + j + ".", j == 0 ? in : out, out));
        }
        boolean last = i + 1 == channels.size();
        String resample = prefix + i + resampler + ".0.conv";
        levels.add(
            new Level(List.copyOf(resnets), last ? null : convolution(resample, out, out, 3)));
      }
      return List.copyOf(levels);
    }

    Resnet resnet(String prefix, int in, int out) {
      return new Resnet(
          norm(prefix + "norm1", in),
          convolution(prefix + "conv1", out, in, 3),
          norm(prefix + "norm2", out),
          convolution(prefix + "conv2", out, out, 3),
          in == out ? null : convolution(prefix + "conv_shortcut", out, in, 1));
    }

    @Nullable Attention attention(String prefix, int channels) {
      if (!params.midAttention()) {
        return null;
      }
      return new Attention(
          norm(prefix + "group_norm", channels),
          projection(prefix + "to_q", channels),
          projection(prefix + "to_k", channels),
          projection(prefix + "to_v", channels),
          linear(prefix + "to_out.0", channels));
    }

    Weight.Convolution convolution(String key, int out, int in, int kernel) {
      return store.convolution(
          source.tensor(key + ".weight", out, in, kernel, kernel),
          source.tensor(key + ".bias", out));
    }

    private Projection projection(String key, int channels) {
      return new Projection(
          store.linear(source.tensor(key + ".weight", channels, channels), null),
          new Epilogue.AddBias(store.vector(source.tensor(key + ".bias", channels))));
    }

    private Weight.Linear linear(String key, int channels) {
      return store.linear(
          source.tensor(key + ".weight", channels, channels),
          source.tensor(key + ".bias", channels));
    }

    GroupNorm norm(String key, int channels) {
      return new GroupNorm(
          store.vector(source.tensor(key + ".weight", channels)),
          store.vector(source.tensor(key + ".bias", channels)),
          params.groups(),
          VaeParams.GROUP_NORM_EPS);
    }
  }
}

package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import java.util.List;

/**
 * Architecture of an {@code AutoencoderKLFlux2} (flux2 spec §4.1) or, without statistics of a batch
 * norm, of an {@code AutoencoderKL} (§4.9).
 *
 * @param inChannels channels of a picture that is encoded
 * @param outChannels channels of a picture that is decoded
 * @param latentChannels Z, channels of a latent before it is cut into patches
 * @param encoderChannels channels of the encoder's levels, full size first
 * @param decoderChannels channels of the decoder's levels, full size first
 * @param layersPerBlock residual blocks of an encoder level; a decoder level has one more
 * @param groups groups of every group norm
 * @param quantConv whether a 1 × 1 convolution follows the encoder
 * @param postQuantConv whether a 1 × 1 convolution precedes the decoder
 * @param midAttention whether the middle attends
 * @param batchNormEps added to the variances of the latent statistics
 * @param sampleSize side of the pictures that it was trained with, in pixels
 */
public record VaeParams(
    int inChannels,
    int outChannels,
    int latentChannels,
    List<Integer> encoderChannels,
    List<Integer> decoderChannels,
    int layersPerBlock,
    int groups,
    boolean quantConv,
    boolean postQuantConv,
    boolean midAttention,
    float batchNormEps,
    int sampleSize) {
  static final float BATCH_NORM_EPS = 1e-4f;
  static final int SAMPLE_SIZE = 1024;
  static final float GROUP_NORM_EPS = 1e-6f;
  private static final List<Integer> CHANNELS = List.of(128, 256, 512, 512);
  private static final int LARGEST = 1 << 15;
  private static final int MOST_LEVELS = 8;

  /** Copies the lists. */
  public VaeParams {
    encoderChannels = List.copyOf(encoderChannels);
    decoderChannels = List.copyOf(decoderChannels);
  }

  /**
   * Reads {@code vae/config.json}; what it leaves out is as in FLUX.2.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if a value cannot be
   */
  public static VaeParams of(ConfigJson config) {
    List<Integer> patch = config.integers("patch_size", List.of(2, 2));
    if (!patch.equals(List.of(2, 2))) {
      throw config.invalid("patch_size", "[2, 2]");
    }
    if (!config.string("act_fn", "silu").equals("silu")) {
      throw config.invalid("act_fn", "\"silu\"");
    }
    int groups = positive(config, "norm_num_groups", 32);
    List<Integer> channels = channels(config, "block_out_channels", CHANNELS, groups);
    List<Integer> decoder = channels(config, "decoder_block_out_channels", channels, groups);
    if (decoder.size() != channels.size()) {
      throw config.invalid("decoder_block_out_channels", channels.size() + " numbers");
    }
    return new VaeParams(
        positive(config, "in_channels", 3),
        positive(config, "out_channels", 3),
        positive(config, "latent_channels", 32),
        channels,
        decoder,
        positive(config, "layers_per_block", 2),
        groups,
        config.bool("use_quant_conv", true),
        config.bool("use_post_quant_conv", true),
        config.bool("mid_block_add_attention", true),
        (float) config.number("batch_norm_eps", BATCH_NORM_EPS),
        positive(config, "sample_size", SAMPLE_SIZE));
  }

  /** Number of levels. */
  public int levels() {
    return encoderChannels.size();
  }

  /** Pixels of a picture along one side of a latent pixel. */
  public int scale() {
    return 1 << (levels() - 1);
  }

  private static List<Integer> channels(
      ConfigJson config, String key, List<Integer> fallback, int groups) {
    List<Integer> channels = config.integers(key, fallback);
    if (channels.isEmpty()
        || channels.size() > MOST_LEVELS
        || channels.stream().anyMatch(c -> c < 1 || c > LARGEST || c % groups != 0)) {
      throw config.invalid(
          key,
          "1 to %d multiples of norm_num_groups, %d, up to %d"
              .formatted(MOST_LEVELS, groups, LARGEST));
    }
    return channels;
  }

  private static int positive(ConfigJson config, String key, int fallback) {
    int value = config.integer(key, fallback);
    if (value < 1 || value > LARGEST) {
      throw config.invalid(key, "a number in 1.." + LARGEST);
    }
    return value;
  }
}

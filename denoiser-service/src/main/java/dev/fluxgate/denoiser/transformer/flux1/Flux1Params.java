package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import java.util.List;

/**
 * Architecture of a {@code FluxTransformer2DModel} (models spec §1.11).
 *
 * @param inChannels C, channels of a latent token
 * @param outChannels channels of a velocity token
 * @param doubleBlocks number of double-stream blocks
 * @param singleBlocks number of single-stream blocks
 * @param heads H
 * @param headDim K, features of a head; even
 * @param promptWidth features of a prompt embed
 * @param pooledWidth features of a pooled embed
 * @param ropeAxes features of a head for each axis of the position; they add up to headDim
 * @param guidanceEmbeds whether the guidance scale is an input of the model
 */
public record Flux1Params(
    int inChannels,
    int outChannels,
    int doubleBlocks,
    int singleBlocks,
    int heads,
    int headDim,
    int promptWidth,
    int pooledWidth,
    List<Integer> ropeAxes,
    boolean guidanceEmbeds) {
  /** Base of the rotary frequencies. */
  static final double ROPE_THETA = 10000;

  /** Added to every variance and mean of squares. */
  static final float EPS = 1e-6f;

  /** Width of the sinusoids of time and guidance. */
  static final int SINUSOID = 256;

  private static final String CLASS = "FluxTransformer2DModel";
  private static final int MLP_RATIO = 4;
  private static final List<Integer> ROPE_AXES = List.of(16, 56, 56);

  /** Copies the axes. */
  public Flux1Params {
    ropeAxes = List.copyOf(ropeAxes);
  }

  /**
   * Reads {@code transformer/config.json}; what it leaves out is as in FLUX.1-schnell.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if a value cannot be
   */
  public static Flux1Params of(ConfigJson config) {
    if (!config.string("_class_name", CLASS).equals(CLASS)) {
      throw config.invalid("_class_name", '"' + CLASS + '"');
    }
    int inChannels = positive(config, "in_channels", 64);
    int patch = positive(config, "patch_size", 1);
    int headDim = positive(config, "attention_head_dim", 128);
    List<Integer> axes = config.integers("axes_dims_rope", ROPE_AXES);
    if (axes.size() != ROPE_AXES.size()
        || axes.stream().anyMatch(axis -> axis < 0 || axis % 2 != 0)
        || axes.stream().mapToLong(Integer::longValue).sum() != headDim) {
      throw config.invalid(
          "axes_dims_rope", "three even numbers that add up to attention_head_dim, " + headDim);
    }
    return new Flux1Params(
        inChannels,
        positive(config, "out_channels", inChannels) * patch * patch,
        atLeast(0, config, "num_layers", 19),
        atLeast(0, config, "num_single_layers", 38),
        positive(config, "num_attention_heads", 24),
        headDim,
        positive(config, "joint_attention_dim", 4096),
        positive(config, "pooled_projection_dim", 768),
        axes,
        config.bool("guidance_embeds", false));
  }

  /** D, features of a token: those of all heads. */
  public int width() {
    return heads * headDim;
  }

  /** F, hidden width of the MLPs. */
  public int mlpWidth() {
    return MLP_RATIO * width();
  }

  private static int positive(ConfigJson config, String key, int fallback) {
    return atLeast(1, config, key, fallback);
  }

  /** Bounded, so that no product of two of them overflows. */
  private static int atLeast(int least, ConfigJson config, String key, int fallback) {
    int value = config.integer(key, fallback);
    if (value < least || value > 1 << 15) {
      throw config.invalid(key, "a number in " + least + ".." + (1 << 15));
    }
    return value;
  }
}

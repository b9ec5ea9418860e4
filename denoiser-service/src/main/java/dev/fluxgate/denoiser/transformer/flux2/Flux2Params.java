package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import java.util.List;

/**
 * Architecture of a {@code Flux2Transformer2DModel} (flux2 spec §1.1).
 *
 * @param inChannels C, channels of a latent token
 * @param outChannels channels of a velocity token
 * @param doubleBlocks number of double-stream blocks
 * @param singleBlocks number of single-stream blocks
 * @param heads H
 * @param headDim K, features of a head; even
 * @param promptWidth features of a prompt embed
 * @param timestepChannels width of the sinusoid of the time; even
 * @param mlpWidth F, hidden width of the gated MLPs
 * @param ropeAxes features of a head for each axis of the position; they add up to headDim
 * @param ropeTheta base of the rotary frequencies
 * @param eps added to every variance and mean of squares
 * @param guidanceEmbeds whether the guidance scale is an input of the model
 */
public record Flux2Params(
    int inChannels,
    int outChannels,
    int doubleBlocks,
    int singleBlocks,
    int heads,
    int headDim,
    int promptWidth,
    int timestepChannels,
    int mlpWidth,
    List<Integer> ropeAxes,
    double ropeTheta,
    float eps,
    boolean guidanceEmbeds) {
  static final double ROPE_THETA = 2000;
  static final float EPS = 1e-6f;
  static final double MLP_RATIO = 3;
  private static final List<Integer> ROPE_AXES = List.of(32, 32, 32, 32);

  /** Copies the axes. */
  public Flux2Params {
    ropeAxes = List.copyOf(ropeAxes);
  }

  /**
   * Reads {@code transformer/config.json}; what it leaves out is as in FLUX.2-dev.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if a value cannot be
   */
  public static Flux2Params of(ConfigJson config) {
    int inChannels = positive(config, "in_channels", 128);
    int patch = positive(config, "patch_size", 1);
    int heads = positive(config, "num_attention_heads", 48);
    int headDim = positive(config, "attention_head_dim", 128);
    List<Integer> axes = config.integers("axes_dims_rope", ROPE_AXES);
    if (axes.size() != ROPE_AXES.size()
        || axes.stream().anyMatch(axis -> axis < 0 || axis % 2 != 0)
        || axes.stream().mapToLong(Integer::longValue).sum() != headDim) {
      throw config.invalid(
          "axes_dims_rope", "four even numbers that add up to attention_head_dim, " + headDim);
    }
    int timestepChannels = positive(config, "timestep_guidance_channels", 256);
    if (timestepChannels % 2 != 0) {
      throw config.invalid("timestep_guidance_channels", "an even number");
    }
    double ratio = config.number("mlp_ratio", MLP_RATIO);
    if (ratio <= 0 || ratio > 64) {
      throw config.invalid("mlp_ratio", "a number above 0 and up to 64");
    }
    return new Flux2Params(
        inChannels,
        positive(config, "out_channels", inChannels) * patch * patch,
        atLeast(0, config, "num_layers", 8),
        atLeast(0, config, "num_single_layers", 48),
        heads,
        headDim,
        positive(config, "joint_attention_dim", 15360),
        timestepChannels,
        (int) (heads * headDim * ratio),
        axes,
        config.number("rope_theta", ROPE_THETA),
        (float) config.number("eps", EPS),
        config.bool("guidance_embeds", true));
  }

  /** D, features of a token: those of all heads. */
  public int width() {
    return heads * headDim;
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

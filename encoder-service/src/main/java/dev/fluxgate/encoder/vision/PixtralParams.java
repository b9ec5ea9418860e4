package dev.fluxgate.encoder.vision;

import dev.fluxgate.encoder.model.DecoderLayer;
import dev.fluxgate.engine.checkpoint.ConfigJson;

/**
 * Sizes and constants of the tower and its projector, from the {@code config.json} of the text
 * encoder (models spec §5.1, §5.1.8).
 *
 * @param layer widths of a layer; hidden is D
 * @param layers depth
 * @param patchSize pixels of a patch's side
 * @param imageSize longest side of a picture, in pixels
 * @param ropeTheta base of the rotary frequencies
 * @param mergeSize patches of a merged cell's side
 * @param textSize width of the language model
 * @param projectorEps of the projector's norm
 * @param imageToken id that stands for a merged cell
 */
record PixtralParams(
    DecoderLayer.Sizes layer,
    int layers,
    int patchSize,
    int imageSize,
    double ropeTheta,
    int mergeSize,
    int textSize,
    float projectorEps,
    int imageToken) {
  /** Of the tower's norms: a constant of the architecture. */
  static final float EPS = 1e-5f;

  /** Colours of a pixel. */
  static final int CHANNELS = 3;

  private static final int LARGEST_SIDE = 8192;

  /**
   * Reads the configuration, in the current spelling or the older one.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException naming the key, for a missing size
   *     or a variant that is not built
   */
  static PixtralParams read(ConfigJson config) {
    ConfigJson vision = config.object("vision_config");
    ConfigJson text = config.object("text_config");
    refuseOtherArchitectures(config, vision);
    int hidden = size(vision, "hidden_size");
    int heads = size(vision, "num_attention_heads");
    int headDim = vision.integer("head_dim", hidden / heads);
    if (headDim < 4 || headDim % 4 != 0 || headDim * heads != hidden) {
      throw vision.invalid("head_dim", "a multiple of 4, and hidden_size divided by the heads");
    }
    ConfigJson rope = vision.object("rope_parameters");
    ConfigJson holder = rope.has("rope_theta") ? rope : vision;
    PixtralParams params =
        new PixtralParams(
            new DecoderLayer.Sizes(
                hidden, size(vision, "intermediate_size"), heads, heads, headDim),
            size(vision, "num_hidden_layers"),
            size(vision, "patch_size"),
            size(vision, "image_size"),
            holder.number("rope_theta"),
            size(config, "spatial_merge_size"),
            size(text, "hidden_size"),
            (float) text.number("rms_norm_eps"),
            config.integer("image_token_index"));
    if (params.imageSize < params.cellSize() || params.imageSize > LARGEST_SIDE) {
      throw vision.invalid("image_size", params.cellSize() + ".." + LARGEST_SIDE);
    }
    return params;
  }

  /** Pixels of a merged cell's side. */
  int cellSize() {
    return patchSize * mergeSize;
  }

  /** Numbers of one patch. */
  int patchWidth() {
    return CHANNELS * patchSize * patchSize;
  }

  private static int size(ConfigJson config, String key) {
    int size = config.integer(key);
    if (size < 1) {
      throw config.invalid(key, "at least 1");
    }
    return size;
  }

  private static void refuseOtherArchitectures(ConfigJson config, ConfigJson vision) {
    if (!vision.string("hidden_act", "silu").equals("silu")) {
      throw vision.invalid("hidden_act", "\"silu\"");
    }
    if (vision.integer("num_channels", CHANNELS) != CHANNELS) {
      throw vision.invalid("num_channels", "3");
    }
    if (!config.string("projector_hidden_act", "gelu").equals("gelu")) {
      throw config.invalid("projector_hidden_act", "\"gelu\"");
    }
    if (config.bool("multimodal_projector_bias", false)) {
      throw config.invalid("multimodal_projector_bias", "false");
    }
    if (config.integer("vision_feature_layer", -1) != -1) {
      throw config.invalid("vision_feature_layer", "-1");
    }
  }
}

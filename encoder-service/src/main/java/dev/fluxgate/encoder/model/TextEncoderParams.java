package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.checkpoint.ConfigJson;

/**
 * Sizes and constants of a decoder, from the {@code config.json} of the component alone (models
 * spec §5.1, §5.2).
 *
 * @param hiddenSize D, width of a hidden state
 * @param intermediateSize F, width inside the MLP
 * @param layers depth
 * @param heads H, query heads
 * @param keyValueHeads key and value heads, each shared by H / keyValueHeads query heads
 * @param headDim K, features of a head; H·K need not be D
 * @param vocabularySize rows of the token embedding
 * @param maxPositions longest sequence
 * @param rmsNormEps added to the mean of squares
 * @param ropeTheta base of the rotary frequencies
 * @param tiedHead whether the logits are taken with the token embedding
 */
public record TextEncoderParams(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    int vocabularySize,
    int maxPositions,
    float rmsNormEps,
    double ropeTheta,
    boolean tiedHead) {

  /** Of each layer. */
  public DecoderLayer.Sizes layer() {
    return new DecoderLayer.Sizes(hiddenSize, intermediateSize, heads, keyValueHeads, headDim);
  }

  /**
   * Reads a decoder's configuration, in the current spelling ({@code rope_parameters}) or the older
   * one ({@code rope_theta}).
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException naming the key, for a missing size
   *     or a variant of the architecture that is not built
   */
  static TextEncoderParams read(ConfigJson config) {
    refuseOtherArchitectures(config);
    int hidden = size(config, "hidden_size");
    int heads = size(config, "num_attention_heads");
    int keyValueHeads = config.integer("num_key_value_heads", heads);
    if (keyValueHeads < 1 || heads % keyValueHeads != 0) {
      throw config.invalid("num_key_value_heads", "a divisor of the " + heads + " heads");
    }
    int headDim = config.integer("head_dim", hidden / heads);
    if (headDim < 2 || headDim % 2 != 0) {
      throw config.invalid("head_dim", "a positive even number");
    }
    return new TextEncoderParams(
        hidden,
        size(config, "intermediate_size"),
        size(config, "num_hidden_layers"),
        heads,
        keyValueHeads,
        headDim,
        size(config, "vocab_size"),
        size(config, "max_position_embeddings"),
        (float) config.number("rms_norm_eps"),
        ropeTheta(config),
        config.bool("tie_word_embeddings", false));
  }

  private static int size(ConfigJson config, String key) {
    int size = config.integer(key);
    if (size < 1) {
      throw config.invalid(key, "at least 1");
    }
    return size;
  }

  private static double ropeTheta(ConfigJson config) {
    ConfigJson rope = config.object("rope_parameters");
    if (!rope.string("rope_type", "default").equals("default")) {
      throw rope.invalid("rope_type", "\"default\"");
    }
    ConfigJson holder = rope.has("rope_theta") ? rope : config;
    double theta = holder.number("rope_theta");
    if (theta <= 1) {
      throw holder.invalid("rope_theta", "more than 1");
    }
    return theta;
  }

  private static void refuseOtherArchitectures(ConfigJson config) {
    if (!config.string("hidden_act", "silu").equals("silu")) {
      throw config.invalid("hidden_act", "\"silu\"");
    }
    if (config.bool("attention_bias", false)) {
      throw config.invalid("attention_bias", "false");
    }
    if (config.has("rope_scaling")) {
      throw config.invalid("rope_scaling", "null");
    }
    if (config.has("sliding_window") && config.bool("use_sliding_window", true)) {
      throw config.invalid("sliding_window", "null");
    }
  }
}

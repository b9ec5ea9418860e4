package dev.fluxgate.encoder.model.t5;

import dev.fluxgate.engine.checkpoint.ConfigJson;

/**
 * Sizes and constants of a T5 encoder, from its {@code config.json} alone (models spec §5.3).
 *
 * @param hiddenSize D, width of a hidden state
 * @param innerSize F, width inside the MLP
 * @param layers depth
 * @param heads H
 * @param headDim K, features of a head; H·K need not be D
 * @param vocabularySize rows of the token embedding
 * @param buckets rows of the table of position biases, half of them for keys ahead
 * @param maxDistance from here on every distance falls into the last bucket
 * @param rmsNormEps added to the mean of squares
 */
public record T5Params(
    int hiddenSize,
    int innerSize,
    int layers,
    int heads,
    int headDim,
    int vocabularySize,
    int buckets,
    int maxDistance,
    float rmsNormEps) {
  private static final int USUAL_BUCKETS = 32;
  private static final int USUAL_MAX_DISTANCE = 128;
  private static final double USUAL_EPS = 1e-6;

  /**
   * Reads a configuration of version 1.1: gated, without an absolute position anywhere.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException naming the key, for a missing size
   *     or a variant of the architecture that is not built
   */
  static T5Params read(ConfigJson config) {
    if (!config.string("model_type").equals("t5")) {
      throw config.invalid("model_type", "\"t5\"");
    }
    if (!config.string("feed_forward_proj").equals("gated-gelu")) {
      throw config.invalid("feed_forward_proj", "\"gated-gelu\"");
    }
    if (!config.string("dense_act_fn", "gelu_new").equals("gelu_new")) {
      throw config.invalid("dense_act_fn", "\"gelu_new\"");
    }
    int buckets = config.integer("relative_attention_num_buckets", USUAL_BUCKETS);
    if (buckets < 4 || buckets % 4 != 0) {
      throw config.invalid("relative_attention_num_buckets", "a positive multiple of 4");
    }
    int maxDistance = config.integer("relative_attention_max_distance", USUAL_MAX_DISTANCE);
    if (maxDistance <= buckets / 4) {
      throw config.invalid("relative_attention_max_distance", "more than " + buckets / 4);
    }
    double eps = config.number("layer_norm_epsilon", USUAL_EPS);
    if (!(eps >= 0 && eps < 1)) {
      throw config.invalid("layer_norm_epsilon", "0 or more, below 1");
    }
    return new T5Params(
        size(config, "d_model"),
        size(config, "d_ff"),
        size(config, "num_layers"),
        size(config, "num_heads"),
        size(config, "d_kv"),
        size(config, "vocab_size"),
        buckets,
        maxDistance,
        (float) eps);
  }

  private static int size(ConfigJson config, String key) {
    int size = config.integer(key);
    if (size < 1) {
      throw config.invalid(key, "at least 1");
    }
    return size;
  }
}

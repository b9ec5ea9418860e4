package dev.fluxgate.encoder.model.clip;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.checkpoint.ConfigJson;

/**
 * Sizes and constants of CLIP's text encoder, from its {@code config.json} alone (models spec
 * §5.4).
 *
 * @param hiddenSize D, width of a hidden state
 * @param innerSize F, width inside the MLP
 * @param layers depth
 * @param heads H
 * @param vocabularySize rows of the token embedding
 * @param maxPositions rows of the position embedding, longest sequence
 * @param layerNormEps added to the variance
 * @param activation of the MLP
 * @param endToken whose first position is pooled; {@link #LEGACY_END_TOKEN} for the largest id
 */
public record ClipParams(
    int hiddenSize,
    int innerSize,
    int layers,
    int heads,
    int vocabularySize,
    int maxPositions,
    float layerNormEps,
    Epilogue activation,
    int endToken) {
  /** What older configurations say, wrongly: the end token has the largest id of a sequence. */
  public static final int LEGACY_END_TOKEN = 2;

  private static final int USUAL_END_TOKEN = 49407;
  private static final double USUAL_EPS = 1e-5;

  /**
   * Reads a configuration.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException naming the key, for a missing size
   *     or a variant of the architecture that is not built
   */
  static ClipParams read(ConfigJson config) {
    if (!config.string("model_type").equals("clip_text_model")) {
      throw config.invalid("model_type", "\"clip_text_model\"");
    }
    int hidden = size(config, "hidden_size");
    int heads = size(config, "num_attention_heads");
    if (hidden % heads != 0) {
      throw config.invalid("num_attention_heads", "a divisor of the " + hidden + " channels");
    }
    double eps = config.number("layer_norm_eps", USUAL_EPS);
    if (!(eps >= 0 && eps < 1)) {
      throw config.invalid("layer_norm_eps", "0 or more, below 1");
    }
    int vocabulary = size(config, "vocab_size");
    int end = config.integer("eos_token_id", USUAL_END_TOKEN);
    if (end < 0 || end >= vocabulary) {
      throw config.invalid("eos_token_id", "0 or more, below the vocabulary of " + vocabulary);
    }
    return new ClipParams(
        hidden,
        size(config, "intermediate_size"),
        size(config, "num_hidden_layers"),
        heads,
        vocabulary,
        size(config, "max_position_embeddings"),
        (float) eps,
        activation(config),
        end);
  }

  /** K, features of a head. */
  int headDim() {
    return hiddenSize / heads;
  }

  private static Epilogue activation(ConfigJson config) {
    return switch (config.string("hidden_act", "quick_gelu")) {
      case "quick_gelu" -> Epilogue.GELU_QUICK;
      case "gelu" -> Epilogue.GELU_ERF;
      default -> throw config.invalid("hidden_act", "\"quick_gelu\" or \"gelu\"");
    };
  }

  private static int size(ConfigJson config, String key) {
    int size = config.integer(key);
    if (size < 1) {
      throw config.invalid(key, "at least 1");
    }
    return size;
  }
}

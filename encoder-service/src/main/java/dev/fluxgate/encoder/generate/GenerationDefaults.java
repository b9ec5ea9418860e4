package dev.fluxgate.encoder.generate;

import dev.fluxgate.engine.checkpoint.ConfigJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a checkpoint's {@code generation_config.json} says of answers; the library's defaults where
 * it is silent (models spec §5.1.7).
 *
 * @param sampling with the checkpoint's own temperature
 * @param minNewTokens an end token is not chosen before so many
 * @param endTokens ids that end an answer
 */
public record GenerationDefaults(Sampling sampling, int minNewTokens, Set<Integer> endTokens) {
  private static final String FILE = "generation_config.json";

  /** Copies the set. */
  public GenerationDefaults {
    endTokens = Set.copyOf(endTokens);
  }

  /**
   * Reads the defaults of a text encoder's folder. A folder without the file has them all silent,
   * and then {@code config.json} tells the end tokens.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException naming the key, for a value of
   *     another type or a way of choosing tokens that is not built
   */
  public static GenerationDefaults read(Path folder) {
    Path file = folder.resolve(FILE);
    ConfigJson model = ConfigJson.read(folder.resolve("config.json"));
    ConfigJson config = Files.exists(file) ? ConfigJson.read(file) : model.object(FILE);
    refuseOtherWays(config);
    List<Integer> ends = config.integers("eos_token_id", List.of());
    if (ends.isEmpty()) {
      ends =
          model.integers(
              "eos_token_id", model.object("text_config").integers("eos_token_id", List.of()));
    }
    if (ends.isEmpty()) {
      throw config.invalid("eos_token_id", "one id or several");
    }
    int topK = config.integer("top_k", Sampling.USUAL_TOP_K);
    double topP = config.number("top_p", 1);
    double temperature = config.number("temperature", 1);
    if (topK < 0) {
      throw config.invalid("top_k", "at least 0");
    }
    if (topP <= 0 || topP > 1) {
      throw config.invalid("top_p", "above 0, at most 1");
    }
    if (temperature < 0) {
      throw config.invalid("temperature", "at least 0");
    }
    return new GenerationDefaults(
        new Sampling((float) temperature, topK, (float) topP),
        Math.max(config.integer("min_new_tokens", 0), 0),
        Set.copyOf(ends));
  }

  private static void refuseOtherWays(ConfigJson config) {
    requireNeutral(config, "repetition_penalty", 1);
    requireNeutral(config, "no_repeat_ngram_size", 0);
    requireNeutral(config, "min_p", 0);
    requireNeutral(config, "typical_p", 1);
    requireNeutral(config, "epsilon_cutoff", 0);
    requireNeutral(config, "eta_cutoff", 0);
    requireNeutral(config, "num_beams", 1);
  }

  private static void requireNeutral(ConfigJson config, String key, double neutral) {
    if (config.number(key, neutral) != neutral) {
      throw config.invalid(key, String.valueOf(neutral));
    }
  }
}

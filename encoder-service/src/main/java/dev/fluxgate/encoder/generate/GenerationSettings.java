package dev.fluxgate.encoder.generate;

import java.util.Set;

/**
 * How answers are made.
 *
 * @param sampling how a token is chosen
 * @param minNewTokens an end token is not chosen before so many
 * @param maxNewTokens of an answer, the end token included
 * @param endTokens ids that end an answer
 * @param padToken what follows the end of an answer while others of its batch go on
 */
public record GenerationSettings(
    Sampling sampling, int minNewTokens, int maxNewTokens, Set<Integer> endTokens, int padToken) {

  /** Copies the set and checks the numbers. */
  public GenerationSettings {
    endTokens = Set.copyOf(endTokens);
    if (maxNewTokens < 1 || minNewTokens < 0 || minNewTokens > maxNewTokens) {
      throw new IllegalArgumentException(
          "new tokens: "
              + minNewTokens
              + ".."
              + maxNewTokens
              + " (expected: 0 <= least <= most, most >= 1)");
    }
  }
}

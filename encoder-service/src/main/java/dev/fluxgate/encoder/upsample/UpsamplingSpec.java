package dev.fluxgate.encoder.upsample;

import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.image.RgbImage;
import java.util.List;

/**
 * What is to be rewritten and how.
 *
 * @param prompt as typed
 * @param pictures to be edited, in order; empty for a new picture
 * @param temperature 0 to 2; 0 takes the likeliest tokens
 * @param seed of the tokens drawn
 * @param maxNewTokens of the answer
 */
public record UpsamplingSpec(
    Prompt prompt, List<RgbImage> pictures, float temperature, long seed, int maxNewTokens) {
  /** What the authors of FLUX.2 recommend. */
  public static final float TEMPERATURE = 0.15f;

  /** Tokens of an answer, as in the reference. */
  public static final int MAX_NEW_TOKENS = 512;

  private static final float HOTTEST = 2;
  private static final int MOST_TOKENS = 2048;

  /** Checks every value; errors name the field. */
  public UpsamplingSpec {
    pictures = List.copyOf(pictures);
    if (!(temperature >= 0 && temperature <= HOTTEST)) {
      throw new IllegalArgumentException(
          "temperature: " + temperature + " (expected: 0.." + HOTTEST + ")");
    }
    if (maxNewTokens < 1 || maxNewTokens > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "max_new_tokens: " + maxNewTokens + " (expected: 1.." + MOST_TOKENS + ")");
    }
  }

  /** Without the prompt, which no log may hold. */
  @Override
  public String toString() {
    return pictures.size() + " pictures, temperature " + temperature + ", " + maxNewTokens + " new";
  }
}

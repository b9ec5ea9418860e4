package dev.fluxgate.encoder.generate;

/**
 * How a token is chosen by its score.
 *
 * @param temperature logits are divided by it; 0 takes the likeliest token and draws nothing
 * @param topK most candidates; 0 for all
 * @param topP candidates are the likeliest that have this probability together; 1 for all
 */
public record Sampling(float temperature, int topK, float topP) {
  /** Candidates where a checkpoint names no number. */
  public static final int USUAL_TOP_K = 50;

  /** The likeliest token, always. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1);

  /** Checks every value. */
  public Sampling {
    require(temperature >= 0 && Float.isFinite(temperature), "temperature: " + temperature, ">= 0");
    require(topK >= 0, "top_k: " + topK, ">= 0");
    require(topP > 0 && topP <= 1, "top_p: " + topP, "above 0, at most 1");
  }

  /** Whether tokens are drawn. */
  public boolean isRandom() {
    return temperature > 0;
  }

  /** The same at another temperature. */
  public Sampling withTemperature(float other) {
    return new Sampling(other, topK, topP);
  }

  private static void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(value + " (expected: " + expected + ")");
    }
  }
}

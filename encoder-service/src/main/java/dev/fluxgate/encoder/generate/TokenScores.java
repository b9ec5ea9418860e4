package dev.fluxgate.encoder.generate;

import dev.fluxgate.engine.tensor.HostTensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Logits → scores of the tokens that may be chosen, in the order of the reference: end tokens that
 * come too early, temperature, top-k, top-p. A token that may not be chosen has score −∞.
 */
final class TokenScores {
  private TokenScores() {}

  /**
   * Scores of one row.
   *
   * @param logits (1, V), of any float type
   * @param written tokens of the answer so far
   * @throws NonFiniteLogitsException for a logit that is no number
   */
  static float[] of(HostTensor logits, GenerationSettings settings, int written) {
    float[] scores = logits.toFloats();
    checkNumbers(scores);
    if (written < settings.minNewTokens()) {
      settings.endTokens().stream()
          .filter(id -> id >= 0 && id < scores.length)
          .forEach(id -> scores[id] = Float.NEGATIVE_INFINITY);
    }
    Sampling sampling = settings.sampling();
    if (sampling.isRandom()) {
      divide(scores, sampling.temperature());
      keepMost(scores, sampling.topK());
      keepLikeliest(scores, sampling.topP());
    }
    return scores;
  }

  private static void checkNumbers(float[] logits) {
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isFinite(logits[i])) {
        throw new NonFiniteLogitsException(i, logits[i]);
      }
    }
  }

  /** The first of the highest scores. */
  static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  /** softmax(scores), float32. */
  static float[] probabilities(float[] scores) {
    float max = scores[best(scores)];
    float[] weights = new float[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      weights[i] = (float) Math.exp(scores[i] - max);
      sum += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (weights[i] / sum);
    }
    return weights;
  }

  private static void divide(float[] scores, float temperature) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= temperature;
    }
  }

  /** Tokens as likely as the last of the k stay too. */
  private static void keepMost(float[] scores, int topK) {
    if (topK == 0 || topK >= scores.length) {
      return;
    }
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    float least = sorted[sorted.length - topK];
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] < least) {
        scores[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** From the least likely on, tokens go whose sum is within 1 − p; the likeliest stays. */
  private static void keepLikeliest(float[] scores, float topP) {
    if (topP >= 1) {
      return;
    }
    float[] probabilities = probabilities(scores);
    int[] ascending =
        IntStream.range(0, scores.length)
            .filter(i -> scores[i] > Float.NEGATIVE_INFINITY)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    float spare = (float) (1 - (double) topP);
    double sum = 0;
    for (int rank = 0; rank < ascending.length - 1; rank++) {
      sum += probabilities[ascending[rank]];
      if ((float) sum > spare) {
        return;
      }
      scores[ascending[rank]] = Float.NEGATIVE_INFINITY;
    }
  }
}

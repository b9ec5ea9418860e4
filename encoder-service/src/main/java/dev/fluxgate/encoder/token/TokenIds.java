package dev.fluxgate.encoder.token;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A tokenised prompt: L ids of which one run is text and the rest padding.
 *
 * @param ids all L ids, padding included
 * @param firstToken index of the first id that is no padding
 * @param tokenCount number of ids that are no padding
 * @param truncated whether there had been more tokens than L
 */
public record TokenIds(List<Integer> ids, int firstToken, int tokenCount, boolean truncated) {

  /** Copies the ids and checks that the run lies inside. */
  public TokenIds {
    ids = List.copyOf(ids);
    if (firstToken < 0 || tokenCount < 0 || firstToken + tokenCount > ids.size()) {
      throw new IllegalArgumentException(
          "tokens: "
              + tokenCount
              + " from "
              + firstToken
              + " (expected: within the "
              + ids.size()
              + " ids)");
    }
  }

  /** L: number of ids, padding included. */
  public int length() {
    return ids.size();
  }

  /** One past the last id that is no padding. */
  public int endToken() {
    return firstToken + tokenCount;
  }

  /** The ids of B sequences, one behind the other, (B·L). */
  public static int[] concatenated(List<TokenIds> batch) {
    return batch.stream().flatMap(each -> each.ids.stream()).mapToInt(id -> id).toArray();
  }

  /** 1 for a token, 0 for padding, (L). */
  public List<Integer> attentionMask() {
    return IntStream.range(0, length())
        .mapToObj(i -> i >= firstToken && i < endToken() ? 1 : 0)
        .toList();
  }

  /** Without the ids: they are the prompt, which no log may hold. */
  @Override
  public String toString() {
    return tokenCount + " of " + ids.size() + " ids" + (truncated ? ", truncated" : "");
  }
}

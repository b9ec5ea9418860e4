package dev.fluxgate.encoder.upsample;

/**
 * A rewritten prompt.
 *
 * @param prompt the answer, special tokens left out
 * @param promptTokens that were read
 * @param newTokens that were written, the end token included
 * @param cutShort whether it ended at the limit
 */
public record Upsampled(String prompt, int promptTokens, int newTokens, boolean cutShort) {

  /** Without the prompt, which no log may hold. */
  @Override
  public String toString() {
    return promptTokens + " tokens to " + newTokens + (cutShort ? ", cut short" : "");
  }
}

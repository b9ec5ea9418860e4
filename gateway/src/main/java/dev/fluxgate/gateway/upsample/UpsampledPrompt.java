package dev.fluxgate.gateway.upsample;

/**
 * A rewritten prompt.
 *
 * @param prompt what to draw, not blank
 * @param model what rewrote it: the hash of an encoder's weights, or the name of a chat model
 * @param newTokens tokens written; 0 where the upsampler does not tell
 * @param cutShort whether it ended at the limit of tokens, perhaps amid a sentence
 */
public record UpsampledPrompt(String prompt, String model, int newTokens, boolean cutShort) {

  /** Without the prompt, which no log may hold. */
  @Override
  public String toString() {
    return newTokens + " tokens by " + model + (cutShort ? ", cut short" : "");
  }
}

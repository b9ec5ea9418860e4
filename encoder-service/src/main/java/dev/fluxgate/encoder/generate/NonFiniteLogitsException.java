package dev.fluxgate.encoder.generate;

/** The language model gives no number for a token: its weights, or their type, are at fault. */
public final class NonFiniteLogitsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NonFiniteLogitsException(int token, float value) {
    super("logits: " + value + " for token " + token + " (expected: a number for every token)");
  }
}

package dev.fluxgate.gateway.embedding;

/** Another encoder answered than was described; its embeddings have other keys. */
public final class EncoderChangedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names both. */
  public EncoderChangedException(String found, String expected) {
    super("encoder: " + found + " (expected: " + expected + ")");
  }
}

package dev.fluxgate.encoder.token;

/** A tokenizer folder is missing a file, or a file of it cannot be read as what it should be. */
public final class TokenizerFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Names the file, what is wrong and what was expected. */
  public TokenizerFormatException(String message) {
    super(message);
  }

  /** With the failure underneath. */
  public TokenizerFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}

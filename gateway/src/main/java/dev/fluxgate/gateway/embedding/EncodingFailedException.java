package dev.fluxgate.gateway.embedding;

/** The encoder refuses a prompt, or answers what no encoder answers. */
public final class EncodingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * A refusal.
   *
   * @param reason UPPER_SNAKE_CASE
   * @param message one line for people
   */
  public EncodingFailedException(String reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Machine-readable reason. */
  public String reason() {
    return reason;
  }
}

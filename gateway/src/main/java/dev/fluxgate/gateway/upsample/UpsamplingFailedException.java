package dev.fluxgate.gateway.upsample;

import org.jspecify.annotations.Nullable;

/** The upsampler refuses a prompt, or answers what is no prompt. */
public final class UpsamplingFailedException extends RuntimeException {
  /** The reason of one that has no language model, or cannot see. */
  public static final String NO_UPSAMPLING = "NO_UPSAMPLING";

  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * A refusal.
   *
   * @param reason UPPER_SNAKE_CASE
   * @param message one line for people
   */
  public UpsamplingFailedException(String reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Machine-readable reason. */
  public String reason() {
    return reason;
  }
}

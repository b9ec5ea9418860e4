package dev.fluxgate.encoder.upsample;

/** This encoder has no language model to ask, or one that cannot see. */
public final class CannotUpsampleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what is lacking. */
  public CannotUpsampleException(String message) {
    super(message);
  }
}

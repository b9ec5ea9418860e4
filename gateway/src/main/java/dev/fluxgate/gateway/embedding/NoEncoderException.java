package dev.fluxgate.gateway.embedding;

/** All encoders have answered, and none is for the model that was asked for. */
public final class NoEncoderException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoEncoderException(EncoderNeed need, String encoders) {
    super("encoder: " + encoders + " (expected: one that is " + need + ")");
  }
}

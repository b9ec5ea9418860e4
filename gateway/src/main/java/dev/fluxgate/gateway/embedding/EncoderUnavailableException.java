package dev.fluxgate.gateway.embedding;

/** No encoder answers; later one may. */
public final class EncoderUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says which encoder, and what it or its absence said. */
  public EncoderUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}

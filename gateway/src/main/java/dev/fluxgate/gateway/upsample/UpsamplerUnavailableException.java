package dev.fluxgate.gateway.upsample;

/** No upsampler answers; later one may. */
public final class UpsamplerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says which upsampler, and what it or its absence said. */
  public UpsamplerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}

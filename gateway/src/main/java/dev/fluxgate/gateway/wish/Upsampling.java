package dev.fluxgate.gateway.wish;

import org.jspecify.annotations.Nullable;

/**
 * How a prompt is rewritten before it is encoded.
 *
 * @param temperature of the sampling
 * @param seed of the sampling; null: the request's
 * @param source who rewrites
 */
public record Upsampling(float temperature, @Nullable Long seed, Source source) {
  /** Where a request names no temperature. */
  public static final float DEFAULT_TEMPERATURE = 0.15f;

  /** Who rewrites. */
  public enum Source {
    /** The text encoder's own language model. */
    ENCODER,
    /** The chat endpoint that the gateway was given. */
    CHAT
  }
}

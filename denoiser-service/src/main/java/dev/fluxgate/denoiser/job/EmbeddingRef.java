package dev.fluxgate.denoiser.job;

/**
 * An embedding, by content.
 *
 * @param sha256 hash of the bytes that travel, in hexadecimal
 * @param byteSize how many those are
 */
public record EmbeddingRef(String sha256, long byteSize) {}

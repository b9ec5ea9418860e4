package dev.fluxgate.denoiser.job;

/**
 * An embedding, by content.
 *
 * @param sha256 its identity, in hexadecimal; see {@link dev.fluxgate.proto.tensor.TensorIdentity}
 * @param byteSize how many bytes travel
 */
public record EmbeddingRef(String sha256, long byteSize) {}

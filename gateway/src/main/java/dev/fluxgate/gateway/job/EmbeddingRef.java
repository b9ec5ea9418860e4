package dev.fluxgate.gateway.job;

import com.google.protobuf.ByteString;

/**
 * An embedding, by content.
 *
 * @param sha256 its identity, 32 bytes; see {@link dev.fluxgate.proto.tensor.TensorIdentity}
 * @param byteSize number of its bytes that travel
 */
public record EmbeddingRef(ByteString sha256, long byteSize) {}

package dev.fluxgate.gateway.job;

import com.google.protobuf.ByteString;

/**
 * An embedding, by content.
 *
 * @param sha256 of its bytes, 32 bytes
 * @param byteSize number of its bytes
 */
public record EmbeddingRef(ByteString sha256, long byteSize) {}

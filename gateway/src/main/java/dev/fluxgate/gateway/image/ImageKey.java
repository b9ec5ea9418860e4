package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;

/**
 * Where the bytes of a picture lie. The epoch keeps a worker that lost its lease from touching what
 * the next one stored.
 *
 * @param jobId of the job
 * @param epoch of the lease under which it was uploaded
 * @param sha256 of the bytes
 */
public record ImageKey(String jobId, long epoch, ByteString sha256) {}

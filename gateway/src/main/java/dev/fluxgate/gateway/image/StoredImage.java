package dev.fluxgate.gateway.image;

import com.google.protobuf.ByteString;

/**
 * A picture whose bytes are in an {@link ImageStore}.
 *
 * @param index position among the job's pictures, from 0
 * @param mediaType of the file
 * @param byteSize of the file
 * @param sha256 of the file, 32 bytes
 * @param width pixels
 * @param height pixels
 */
public record StoredImage(
    int index, String mediaType, long byteSize, ByteString sha256, int width, int height) {}

package dev.fluxgate.gateway.event;

import com.google.protobuf.ByteString;

/**
 * What a picture will look like, in small, guessed from the latents after a step. Kept nowhere: who
 * does not watch misses it.
 *
 * @param index position among the job's pictures, from 0
 * @param step finished denoising steps of this picture
 * @param mediaType of the file
 * @param data the file
 * @param width pixels
 * @param height pixels
 */
public record Preview(
    int index, int step, String mediaType, ByteString data, int width, int height) {
  /** Largest file taken from a worker. */
  public static final int MAX_BYTES = 256 << 10;
}

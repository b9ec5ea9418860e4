package dev.fluxgate.denoiser.picture;

/**
 * A picture as a file.
 *
 * @param index position among the job's pictures, from 0
 * @param width pixels
 * @param height pixels
 * @param png the file's bytes, owned by this record
 */
@SuppressWarnings("ArrayRecordComponent") // Passed on once, never compared.
public record EncodedPicture(int index, int width, int height, byte[] png) {}

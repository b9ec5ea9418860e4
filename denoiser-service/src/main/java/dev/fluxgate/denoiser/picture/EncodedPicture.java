package dev.fluxgate.denoiser.picture;

/**
 * A picture as a file.
 *
 * @param index position among the job's pictures, from 0
 * @param mediaType of the file
 * @param width pixels
 * @param height pixels
 * @param file the file's bytes, owned by this record
 */
@SuppressWarnings("ArrayRecordComponent") // Passed on once, never compared.
public record EncodedPicture(int index, String mediaType, int width, int height, byte[] file) {
  /** Media type of a PNG file. */
  public static final String PNG = "image/png";
}

package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import dev.fluxgate.serving.InvalidFieldException;

/**
 * What the first bytes of a picture's file say. The pixels are the worker's business; what can be
 * refused without them is refused here.
 *
 * @param mediaType of the file
 * @param width pixels
 * @param height pixels
 */
public record PictureHeader(String mediaType, int width, int height) {
  /** Most pixels of a picture: more than any camera makes, less than a decompression bomb. */
  public static final long MAX_PIXELS = 1L << 26;

  private static final String FIELD = "image";

  /** Checks the size. */
  public PictureHeader {
    long pixels = (long) width * height;
    if (width < 1 || height < 1 || pixels > MAX_PIXELS) {
      throw refuse(width + " x " + height, "1.." + MAX_PIXELS + " pixels");
    }
  }

  /**
   * Reads the header of a PNG, JPEG or WebP file.
   *
   * @throws InvalidFieldException for another format, an animation, a size out of range, or a file
   *     that ends within its header
   */
  public static PictureHeader read(ByteString file) {
    PictureBytes bytes = new PictureBytes(file);
    if (PngPicture.isPng(bytes)) {
      return PngPicture.header(bytes);
    }
    if (JpegPicture.isJpeg(bytes)) {
      return JpegPicture.header(bytes);
    }
    if (WebpPicture.isWebp(bytes)) {
      return WebpPicture.header(bytes);
    }
    throw refuse("unknown format", "PNG, JPEG or WebP");
  }

  static InvalidFieldException refuse(String value, String expected) {
    return new InvalidFieldException(FIELD, "image: " + value + " (expected: " + expected + ")");
  }
}

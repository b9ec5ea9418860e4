package dev.fluxgate.image.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.Picture;

/**
 * Reads still pictures of 8 bits a channel from PNG, JPEG and WebP files, as Pillow opens them:
 * EXIF orientation and colour profiles are not applied, opacity is kept, bytes behind the end of
 * the picture are ignored. Sizes are checked before anything is allocated; what is damaged, moves
 * or has another kind of samples is refused.
 */
public final class PictureDecoder {
  private PictureDecoder() {}

  /**
   * Reads the bytes of a file, whatever its name says it is.
   *
   * @param name what to call the file in errors
   * @throws MalformedImageException if they are no such picture, are damaged or beyond {@code
   *     limits}
   */
  public static Picture decode(String name, byte[] file, DecodeLimits limits) {
    limits.checkBytes(name, file);
    String start = new String(file, 0, Math.min(file.length, 12), ISO_8859_1);
    if (start.startsWith("\u0089PNG")) {
      return new PngDecoder(name, limits).decode(file);
    }
    if (start.startsWith("\u00ff\u00d8\u00ff")) {
      return new JpegDecoder(name, limits).decode(file);
    }
    if (start.startsWith("RIFF") && start.endsWith("WEBP")) {
      return new WebpDecoder(name, limits).decode(file);
    }
    throw new MalformedImageException(
        name + ": " + kind(file, start) + " (expected: a PNG, JPEG or WebP file)");
  }

  /** What else people send. */
  private static String kind(byte[] file, String start) {
    if (start.startsWith("GIF8")) {
      return "a GIF file";
    }
    if (start.startsWith("BM")) {
      return "a BMP file";
    }
    if (start.startsWith("II*\0") || start.startsWith("MM\0*")) {
      return "a TIFF file";
    }
    if (start.startsWith("ftyp", 4)) {
      return "an ISO media file, as HEIC and AVIF are";
    }
    return file.length == 0 ? "no bytes" : "bytes of no known format";
  }
}

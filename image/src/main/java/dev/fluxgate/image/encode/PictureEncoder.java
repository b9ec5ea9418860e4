package dev.fluxgate.image.encode;

import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.RgbImage;
import java.util.Map;

/** Writes a picture with what it tells of itself, in any of the formats. */
public final class PictureEncoder {
  private PictureEncoder() {}

  /**
   * The bytes of the file: PNG and WebP hold the very pixels; JPEG has quality 95 and keeps the
   * colours at full resolution. PNG has one text chunk an entry. JPEG and WebP have an Exif block,
   * whose Software is the entry of that name and whose UserComment is all entries as one JSON
   * object of strings; without entries they have none. A JPEG has place for about 32,000
   * characters: of more the longest entries are left out, and an entry {@code left_out} names them.
   *
   * @param text keyword → text, in the order of the map
   * @throws IllegalArgumentException for a keyword or text that PNG cannot hold, a side of more
   *     than 16383 pixels in a WebP or 65500 in a JPEG
   */
  public static byte[] encode(RgbImage image, Map<String, String> text, ImageFormat format) {
    return switch (format) {
      case PNG -> PngWriter.encode(image, text);
      case JPEG -> JpegWriter.encode(image, ExifBlock.within(JpegWriter.MAX_EXIF_BYTES, text));
      case WEBP -> WebpWriter.encode(image, ExifBlock.of(text));
    };
  }
}

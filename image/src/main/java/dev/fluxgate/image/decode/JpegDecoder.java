package dev.fluxgate.image.decode;

import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;
import java.awt.image.Raster;

/**
 * JPEG files, by the JDK's decoder; on all that it reads it agrees to the bit with the slow integer
 * transform and the smooth chroma of libjpeg-turbo, which Pillow uses.
 */
final class JpegDecoder {
  private final String name;
  private final DecodeLimits limits;

  JpegDecoder(String name, DecodeLimits limits) {
    this.name = name;
    this.limits = limits;
  }

  Picture decode(byte[] file) {
    JpegSegments segments = JpegSegments.read(name, file);
    limits.checkSize(name, segments.width(), segments.height());
    int channels = segments.components();
    Mode mode =
        switch (channels) {
          case 1 -> Mode.GREY;
          case 3 -> Mode.RGB;
          case 4 ->
              throw new MalformedImageException(
                  name + ": a JPEG of 4 inks, CMYK or YCCK (expected: grey or colour)");
          default ->
              throw new MalformedImageException(
                  name + ": a JPEG of " + channels + " components (expected: 1 or 3)");
        };
    Raster raster = ImageIoPixels.read(name, "jpeg", segments.essential());
    byte[] samples = ImageIoPixels.samples(raster, channels);
    return Picture.of(mode, segments.width(), segments.height(), samples);
  }
}

package dev.fluxgate.image.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;
import java.awt.image.Raster;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Still WebP files, lossy and lossless, by libwebp, which Pillow uses. */
final class WebpDecoder {
  private static final int RIFF_BYTES = 12;
  private static final int CHUNK_BYTES = 8;
  private static final int ANIMATED = 0x02;
  private static final int SIDE_BITS = 0x3FFF;

  private final String name;
  private final DecodeLimits limits;

  WebpDecoder(String name, DecodeLimits limits) {
    this.name = name;
    this.limits = limits;
  }

  private record Size(int width, int height) {}

  Picture decode(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long end = CHUNK_BYTES + Integer.toUnsignedLong(bytes.getInt(4));
    if (end < RIFF_BYTES + CHUNK_BYTES || end > file.length) {
      throw malformed("%d bytes of a file of %d".formatted(file.length, end), "a complete file");
    }
    bytes.limit((int) end);
    Size size = size(bytes);
    limits.checkSize(name, size.width, size.height);
    Raster raster =
        ImageIoPixels.read(
            name,
            new WebPImageReaderSpi().createReaderInstance(null),
            Arrays.copyOf(file, (int) end));
    if (raster.getWidth() != size.width || raster.getHeight() != size.height) {
      throw malformed(
          "%d x %d inside".formatted(raster.getWidth(), raster.getHeight()),
          "%d x %d as its header says".formatted(size.width, size.height));
    }
    Mode mode = raster.getNumBands() == 4 ? Mode.RGBA : Mode.RGB;
    byte[] samples = ImageIoPixels.samples(raster, mode.channels());
    return Picture.of(mode, size.width, size.height, samples);
  }

  /** Of the first chunk that holds pixels; the canvas of an extended file must be as large. */
  private Size size(ByteBuffer bytes) {
    Size canvas = null;
    int at = RIFF_BYTES;
    while (at + CHUNK_BYTES <= bytes.limit()) {
      byte[] letters = new byte[4];
      bytes.get(at, letters);
      String type = new String(letters, ISO_8859_1);
      long length = Integer.toUnsignedLong(bytes.getInt(at + 4));
      if (length > bytes.limit() - at - CHUNK_BYTES) {
        throw malformed("ends inside its chunk " + type, "a complete file");
      }
      ByteBuffer content =
          bytes.slice(at + CHUNK_BYTES, (int) length).order(ByteOrder.LITTLE_ENDIAN);
      switch (type) {
        case "VP8X" -> canvas = canvas(content);
        case "ANIM", "ANMF" -> throw animated();
        case "VP8 ", "VP8L" -> {
          Size size = type.equals("VP8 ") ? lossy(content) : lossless(content);
          if (canvas != null && !canvas.equals(size)) {
            throw malformed("pixels of " + size + " on " + canvas, "equal sizes");
          }
          return size;
        }
        default -> {}
      }
      at += CHUNK_BYTES + (int) (length + (length & 1));
    }
    throw malformed("no pixels", "a chunk VP8 or VP8L");
  }

  private Size canvas(ByteBuffer content) {
    if (content.remaining() < 10) {
      throw malformed("VP8X of " + content.remaining() + " bytes", "10");
    }
    if ((content.get(0) & ANIMATED) != 0) {
      throw animated();
    }
    return new Size(1 + (content.getInt(3) >>> 8), 1 + (content.getInt(6) >>> 8));
  }

  private Size lossy(ByteBuffer content) {
    if (content.remaining() < 10
        || content.get(3) != (byte) 0x9D
        || content.get(4) != 1
        || content.get(5) != 0x2A) {
      throw malformed("VP8 without its header", "the header of a key frame");
    }
    return new Size(content.getShort(6) & SIDE_BITS, content.getShort(8) & SIDE_BITS);
  }

  private Size lossless(ByteBuffer content) {
    if (content.remaining() < 5 || content.get(0) != 0x2F) {
      throw malformed("VP8L without its header", "a header of 5 bytes");
    }
    int bits = content.getInt(1);
    return new Size(1 + (bits & SIDE_BITS), 1 + ((bits >>> 14) & SIDE_BITS));
  }

  private MalformedImageException animated() {
    return malformed("an animated WebP", "a still picture");
  }

  private MalformedImageException malformed(String what, String expected) {
    return new MalformedImageException(name + ": " + what + " (expected: " + expected + ")");
  }
}

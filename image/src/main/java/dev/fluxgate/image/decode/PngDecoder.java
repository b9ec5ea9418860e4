package dev.fluxgate.image.decode;

import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;
import dev.fluxgate.image.PngChunk;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * PNG files. Framing, checksums, size and the amount of compressed pixels are checked here; then
 * ImageIO is given the header, palette and pixels alone, so that no other chunk changes what it
 * makes of them.
 */
final class PngDecoder {
  private static final int HEADER_BYTES = 13;
  private static final int INDEXED = 3;

  private final String name;
  private final DecodeLimits limits;

  PngDecoder(String name, DecodeLimits limits) {
    this.name = name;
    this.limits = limits;
  }

  /**
   * What IHDR says.
   *
   * @param depth bits of a sample
   * @param kind colour type of the standard
   */
  private record Header(int width, int height, int depth, int kind, boolean interlaced) {
    Mode mode() {
      return switch (kind) {
        case 0 -> depth == 1 ? Mode.BILEVEL : Mode.GREY;
        case 2 -> Mode.RGB;
        case INDEXED -> Mode.PALETTE;
        case 4 -> Mode.GREY_ALPHA;
        default -> Mode.RGBA;
      };
    }

    boolean isKnown() {
      return switch (kind) {
        case 0 -> depth <= 8 && Integer.bitCount(depth) == 1;
        case INDEXED -> depth <= 8 && Integer.bitCount(depth) == 1;
        case 2, 4, 6 -> depth == 8;
        default -> false;
      };
    }

    /** Bytes of the rows before compression, each behind the number of its filter. */
    long inflatedBytes() {
      if (!interlaced) {
        return pass(width, height);
      }
      // Adam7: offset and step of each pass.
      int[][] passes = {
        {0, 0, 8, 8},
        {4, 0, 8, 8},
        {0, 4, 4, 8},
        {2, 0, 4, 4},
        {0, 2, 2, 4},
        {1, 0, 2, 2},
        {0, 1, 1, 2}
      };
      long bytes = 0;
      for (int[] p : passes) {
        bytes += pass((width - p[0] + p[2] - 1) / p[2], (height - p[1] + p[3] - 1) / p[3]);
      }
      return bytes;
    }

    private long pass(long columns, long rows) {
      return columns == 0 ? 0 : rows * (1 + (columns * depth * mode().channels() + 7) / 8);
    }
  }

  Picture decode(byte[] file) {
    List<PngChunk> chunks = PngChunk.readAll(name, file);
    Header header = header(chunks.getFirst());
    for (PngChunk chunk : chunks) {
      if (chunk.type().equals("acTL")) {
        throw new MalformedImageException(name + ": an animated PNG (expected: a still picture)");
      }
    }
    byte[] palette = palette(chunks, header);
    checkPixels(chunks, header);
    Raster raster = ImageIoPixels.read(name, "png", essential(chunks));
    byte[] samples = ImageIoPixels.samples(raster, header.mode().channels());
    if (header.kind() == 0) {
      spread(samples, header.depth());
    }
    return new Picture(header.mode(), header.width(), header.height(), samples, palette);
  }

  private Header header(PngChunk first) {
    ByteBuffer content = first.content();
    if (!first.type().equals("IHDR") || content.remaining() != HEADER_BYTES) {
      throw new MalformedImageException(
          name + ": begins with " + first.type() + " (expected: a header IHDR of 13 bytes)");
    }
    limits.checkSize(name, content.getInt(0), content.getInt(4));
    Header header =
        new Header(
            content.getInt(0),
            content.getInt(4),
            content.get(8),
            content.get(9),
            content.get(12) == 1);
    if (!header.isKnown() || content.get(12) > 1 || content.getShort(10) != 0) {
      throw new MalformedImageException(
          "%s: a PNG of %d bits a sample, colour type %d, methods %d %d %d (expected: at most 8"
                  .formatted(
                      name,
                      header.depth(),
                      header.kind(),
                      content.get(10),
                      content.get(11),
                      content.get(12))
              + " bits, colour type 0, 2, 3, 4 or 6, methods of the standard)");
    }
    return header;
  }

  private byte[] palette(List<PngChunk> chunks, Header header) {
    if (header.kind() != INDEXED) {
      return new byte[0];
    }
    for (PngChunk chunk : chunks) {
      int bytes = chunk.content().remaining();
      if (chunk.type().equals("PLTE") && bytes > 0 && bytes % 3 == 0 && bytes <= 3 * 256) {
        byte[] palette = new byte[bytes];
        chunk.content().get(0, palette);
        return palette;
      }
    }
    throw new MalformedImageException(
        name + ": a PNG of indices without palette (expected: PLTE of 1 to 256 colours)");
  }

  /** Counts what the pixels inflate to, and no further. */
  private void checkPixels(List<PngChunk> chunks, Header header) {
    long expected = header.inflatedBytes();
    long count = 0;
    byte[] some = new byte[1 << 16];
    try (Inflater inflater = new Inflater()) {
      for (PngChunk chunk : chunks) {
        if (chunk.type().equals("IDAT")) {
          inflater.setInput(chunk.content().duplicate());
          int got = inflater.inflate(some);
          while (got > 0 && count < expected) {
            count += got;
            got = inflater.inflate(some);
          }
        }
      }
    } catch (DataFormatException e) {
      throw new MalformedImageException(
          name + ": pixels that do not inflate: " + e.getMessage() + " (expected: zlib data)", e);
    }
    if (count < expected) {
      throw new MalformedImageException(
          name + ": " + count + " bytes of pixels (expected: " + expected + ")");
    }
  }

  private static byte[] essential(List<PngChunk> chunks) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(PngChunk.signature());
    for (PngChunk chunk : chunks) {
      switch (chunk.type()) {
        case "IHDR", "PLTE", "IDAT", "IEND" -> {
          byte[] content = new byte[chunk.content().remaining()];
          chunk.content().get(0, content);
          PngChunk.write(file, chunk.type(), content);
        }
        default -> {}
      }
    }
    return file.toByteArray();
  }

  /** 0 .. 2^depth − 1 → 0 .. 255. */
  private static void spread(byte[] grey, int depth) {
    int factor = 255 / ((1 << depth) - 1);
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) (grey[i] * factor);
    }
  }
}

package dev.fluxgate.image.encode;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.luciad.imageio.webp.CompressionType;
import com.luciad.imageio.webp.WebPImageWriterSpi;
import com.luciad.imageio.webp.WebPWriteParam;
import dev.fluxgate.image.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Lossless WebP files; with an Exif block they are of the extended kind. */
final class WebpWriter {
  private static final int MAX_SIDE = 16383;
  private static final int RIFF_BYTES = 12;
  private static final int EXTENSION_BYTES = 10;
  private static final byte HAS_EXIF = 0x08;

  private WebpWriter() {}

  /** The file, with {@code exif} behind the pixels if that has bytes. */
  static byte[] encode(RgbImage image, byte[] exif) {
    if (image.width() > MAX_SIDE || image.height() > MAX_SIDE) {
      throw new IllegalArgumentException(
          "size: %d x %d (expected: at most %d each way in a WebP)"
              .formatted(image.width(), image.height(), MAX_SIDE));
    }
    byte[] plain = compress(image);
    if (exif.length == 0) {
      return plain;
    }
    int pixels = plain.length - RIFF_BYTES;
    int size = RIFF_BYTES + 8 + EXTENSION_BYTES + pixels + 8 + exif.length + (exif.length & 1);
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    file.put(plain, 0, 4).putInt(size - 8).put(plain, 8, 4);
    chunk(file, "VP8X", EXTENSION_BYTES).putInt(HAS_EXIF);
    putInt24(putInt24(file, image.width() - 1), image.height() - 1);
    file.put(plain, RIFF_BYTES, pixels);
    chunk(file, "EXIF", exif.length).put(exif);
    return file.array();
  }

  private static ByteBuffer chunk(ByteBuffer file, String type, int bytes) {
    return file.put(type.getBytes(US_ASCII)).putInt(bytes);
  }

  private static ByteBuffer putInt24(ByteBuffer file, int value) {
    return file.putShort((short) value).put((byte) (value >> 16));
  }

  private static byte[] compress(RgbImage image) {
    ImageWriter writer = new WebPImageWriterSpi().createWriterInstance(null);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      WebPWriteParam param = new WebPWriteParam(Locale.ROOT);
      param.setCompressionType(CompressionType.Lossless);
      writer.setOutput(out);
      writer.write(null, new IIOImage(Pixels.of(image), null, null), param);
    } catch (IOException e) {
      throw new UncheckedIOException("WebP into memory", e);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }
}

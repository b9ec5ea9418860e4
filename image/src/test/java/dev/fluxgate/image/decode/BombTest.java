package dev.fluxgate.image.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.encode.PictureEncoder;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small files that announce large pictures: refused for no more memory than it takes to say so. */
class BombTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int HUGE = 50_000;

  /** WebP has 14 bits a side. */
  private static final int HUGE_WEBP = 16_383;

  private static final long MOST_BYTES = 4 << 20;

  @ParameterizedTest
  @EnumSource
  void costsNoMemory(ImageFormat format) {
    byte[] file = PictureEncoder.encode(new RgbImage(8, 8, new byte[192]), Map.of(), format);
    int side = announce(format, file);
    ThrowingCallable decode = () -> PictureDecoder.decode("x", file, DecodeLimits.DEFAULT);
    String message =
        "x: %d x %d (expected: at least 1 x 1 and at most 67108864 pixels)".formatted(side, side);
    // Once before, so that loading classes does not count.
    assertThatThrownBy(decode).isInstanceOf(MalformedImageException.class).hasMessage(message);

    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(decode).hasMessage(message);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).isBetween(1L, MOST_BYTES);
  }

  /** Writes a size into the header; gives its side. */
  private static int announce(ImageFormat format, byte[] file) {
    return switch (format) {
      case PNG -> announcePng(file);
      case JPEG -> announceJpeg(ByteBuffer.wrap(file));
      case WEBP -> announceWebp(file);
    };
  }

  private static int announcePng(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes).putInt(16, HUGE).putInt(20, HUGE);
    CRC32 checksum = new CRC32();
    checksum.update(bytes, 12, 17);
    file.putInt(29, (int) checksum.getValue());
    return HUGE;
  }

  private static int announceJpeg(ByteBuffer file) {
    int at = 2;
    while (file.getShort(at) != (short) 0xffc0) {
      at += 2 + Short.toUnsignedInt(file.getShort(at + 2));
    }
    file.putShort(at + 5, (short) HUGE).putShort(at + 7, (short) HUGE);
    return HUGE;
  }

  /** Both sides, less one, lie behind the signature of the lossless bits. */
  private static int announceWebp(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int chunk = new String(bytes, ISO_8859_1).indexOf("VP8L");
    assertThat(chunk).isPositive();
    int bits = file.getInt(chunk + 9);
    int sides = (HUGE_WEBP - 1) | ((HUGE_WEBP - 1) << 14);
    file.putInt(chunk + 9, (bits & 0xf000_0000) | sides);
    return HUGE_WEBP;
  }
}

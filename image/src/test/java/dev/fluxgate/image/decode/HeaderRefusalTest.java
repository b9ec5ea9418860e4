package dev.fluxgate.image.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.PngChunk;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.encode.PictureEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose framing is sound or nearly so, and which are no pictures all the same. */
class HeaderRefusalTest {
  private static final RgbImage IMAGE = noise(17, 13);
  private static final byte[] JPEG = PictureEncoder.encode(IMAGE, Map.of(), ImageFormat.JPEG);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // No frame, no scan, or neither before the end.
        "ffd8 ffd9 | no picture (expected: a frame and its scans)",
        "ffd8 ffda0002 00 ffd9 | no picture (expected: a frame and its scans)",
        "ffd8 ffc0000b080010001001 011100 ffd9 | no picture (expected: a frame and its scans)",
        // Segments that are none, or longer than the file.
        "ffd8 ffe00001 | a segment of length 1 (expected: at least 2)",
        "ffd8 ffe00000 | a segment of length 0 (expected: at least 2)",
        "ffd8 ffe00010 00 | ends after 7 bytes (expected: a complete JPEG file)",
        "ffd8 ffe0 | ends after 4 bytes (expected: a complete JPEG file)",
        "ffd8 ffe000 | ends after 5 bytes (expected: a complete JPEG file)",
        "ffd8 ffff | ends after 4 bytes (expected: a complete JPEG file)",
        "ffd8 ffe00002 41 | no marker at byte 6 (expected: a marker)",
        // Frames that contradict themselves.
        "ffd8 ffc00007 08 0010 0010 | a frame header of 5 bytes (expected: 6 and 3 a component)",
        "ffd8 ffc0000b 08 0010 0010 02 011100 | a frame header of 9 bytes (expected: 6 and 3 a",
        "ffd8 ffc0000b 08 0010 0010 01 011100 ffc0000b 08 0010 0010 01 011100 | a second frame",
        "ffd8 ffc3000b 08 0010 0010 01 011100 | a JPEG of process 3 (expected: baseline, extended",
        // A scan that never ends.
        "ffd8 ffda0002 41ff00ffd0 | ends after 11 bytes (expected: a complete JPEG file)",
      })
  void refusesJpegsWithoutAPicture(String hex, String message) {
    refused(bytes(hex), message);
  }

  @Test
  void refusesMoreScansThanAnyPictureHas() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(bytes("ffd8"));
    for (int scan = 0; scan < 257; scan++) {
      file.writeBytes(bytes("ffda0002 00"));
    }
    file.writeBytes(bytes("ffd9"));

    refused(file.toByteArray(), "more scans (expected: at most 256)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 5, 255})
  void refusesJpegsOfOtherThanOneOrThreeComponents(int components) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(bytes("ffd8 ffc0"));
    file.writeBytes(ByteBuffer.allocate(2).putShort((short) (8 + 3 * components)).array());
    file.writeBytes(bytes("08 0010 0010"));
    file.write(components);
    file.writeBytes(new byte[3 * components]);
    file.writeBytes(bytes("ffda0002 00 ffd9"));

    refused(
        file.toByteArray(),
        components == 0
            ? "no picture (expected: a frame and its scans)"
            : "a JPEG of " + components + " components (expected: 1 or 3)");
  }

  @Test
  void looksPastFillBytesAndCommentsOfAJpeg() {
    ByteArrayOutputStream padded = new ByteArrayOutputStream();
    padded.write(JPEG, 0, 2);
    padded.writeBytes(bytes("fffe0006 616263ff ffff"));
    padded.write(JPEG, 2, JPEG.length - 2);

    assertThat(decode(padded.toByteArray())).isEqualTo(decode(JPEG));
  }

  @Test
  void readsOrRefusesAJpegOfTheSameSegmentsInAnyOrder() {
    Random random = new Random(9);
    List<byte[]> segments = segments(JPEG);
    int refusals = 0;
    for (int i = 0; i < 500; i++) {
      List<byte[]> mixed = new ArrayList<>(segments);
      switch (random.nextInt(3)) {
        case 0 -> mixed.remove(random.nextInt(mixed.size()));
        case 1 ->
            mixed.add(random.nextInt(mixed.size() + 1), mixed.get(random.nextInt(mixed.size())));
        default ->
            Collections.swap(mixed, random.nextInt(mixed.size()), random.nextInt(mixed.size()));
      }
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      file.writeBytes(bytes("ffd8"));
      mixed.forEach(file::writeBytes);
      file.writeBytes(bytes("ffd9"));
      refusals += isRefused(file.toByteArray()) ? 1 : 0;
    }
    assertThat(refusals).isBetween(1, 499);
  }

  /** Between SOI and EOI, each scan with its data. */
  private static List<byte[]> segments(byte[] jpeg) {
    List<byte[]> segments = new ArrayList<>();
    int at = 2;
    while (at < jpeg.length - 2) {
      int start = at;
      boolean isScan = jpeg[at + 1] == (byte) 0xDA;
      at += 2 + Short.toUnsignedInt(ByteBuffer.wrap(jpeg).getShort(at + 2));
      at = isScan ? jpeg.length - 2 : at;
      segments.add(Arrays.copyOfRange(jpeg, start, at));
    }
    return segments;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Type and content of the only chunk.
        "VP8X | 00000000 0f0000 0f00 | VP8X of 9 bytes (expected: 10)",
        "VP8X | 02000000 0f0000 0f0000 | an animated WebP (expected: a still picture)",
        "VP8X | 00000000 0f0000 0f0000 | no pixels (expected: a chunk VP8 or VP8L)",
        "VP8L | 2f000000 | VP8L without its header (expected: a header of 5 bytes)",
        "VP8L | 2e00000000 | VP8L without its header (expected: a header of 5 bytes)",
        "'VP8 ' | 000000 9d012a 1000 10 | VP8 without its header (expected: the header of a key",
        "'VP8 ' | 000000 9e012a 1000 1000 | VP8 without its header (expected: the header of a key",
        "'VP8 ' | 000000 9d022a 1000 1000 | VP8 without its header (expected: the header of a key",
        "'VP8 ' | 000000 9d012b 1000 1000 | VP8 without its header (expected: the header of a key",
        "'VP8 ' | 000000 9d012a 0000 1000 | 0 x 16 (expected: at least 1 x 1 and at most",
        "EXIF | 0000 | no pixels (expected: a chunk VP8 or VP8L)",
      })
  void refusesWebpsWithoutAPicture(String type, String hex, String message) {
    refused(webp(type, bytes(hex)), message);
  }

  @Test
  void refusesWebpsThatAnnounceMoreThanThereIs() {
    byte[] file = webp("EXIF", new byte[4]);
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);

    bytes.putInt(16, 5);
    refused(file, "ends inside its chunk EXIF (expected: a complete file)");
    bytes.putInt(16, -1);
    refused(file, "ends inside its chunk EXIF (expected: a complete file)");
    bytes.putInt(4, file.length - 7);
    refused(file, "24 bytes of a file of 25 (expected: a complete file)");
    bytes.putInt(4, -1);
    refused(file, "24 bytes of a file of 4294967303 (expected: a complete file)");
    bytes.putInt(4, 11);
    refused(file, "24 bytes of a file of 19 (expected: a complete file)");
  }

  private static byte[] webp(String type, byte[] content) {
    int padded = content.length + (content.length & 1);
    ByteBuffer file = ByteBuffer.allocate(20 + padded).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(ISO_8859_1)).putInt(12 + padded).put("WEBP".getBytes(ISO_8859_1));
    file.put(type.getBytes(ISO_8859_1)).putInt(content.length).put(content);
    return file.array();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 | 8 | 0 | 0 | 0 | a PNG of indices without palette",
        "0 | 8 | 1 | 0 | 0 | a PNG of 8 bits a sample, colour type 0, methods 1 0 0",
        "1 | 8 | 0 | 0 | 0 | a PNG of 8 bits a sample, colour type 1, methods 0 0 0",
        "7 | 8 | 0 | 0 | 0 | a PNG of 8 bits a sample, colour type 7, methods 0 0 0",
        "2 | 4 | 0 | 0 | 0 | a PNG of 4 bits a sample, colour type 2, methods 0 0 0",
        "0 | 0 | 0 | 0 | 0 | a PNG of 0 bits a sample, colour type 0, methods 0 0 0",
        "0 | 3 | 0 | 0 | 0 | a PNG of 3 bits a sample, colour type 0, methods 0 0 0",
        "0 | 8 | 0 | 1 | 0 | a PNG of 8 bits a sample, colour type 0, methods 0 1 0",
        "0 | 8 | 0 | 0 | 2 | a PNG of 8 bits a sample, colour type 0, methods 0 0 2",
      })
  void refusesPngsOfOtherKinds(
      int kind, int depth, int method, int filter, int interlace, String message) {
    ByteBuffer header = ByteBuffer.allocate(13).putInt(1).putInt(1);
    header.put((byte) depth).put((byte) kind);
    header.put((byte) method).put((byte) filter).put((byte) interlace);

    refused(png(new Chunk("IHDR", header.array())), message);
  }

  @Test
  void refusesPngsThatBeginWithoutTheirHeader() {
    refused(png(), "begins with IEND (expected: a header IHDR of 13 bytes)");
    refused(
        png(new Chunk("IHDR", new byte[12])),
        "begins with IHDR (expected: a header IHDR of 13 bytes)");
    refused(
        png(new Chunk("gAMA", new byte[13])),
        "begins with gAMA (expected: a header IHDR of 13 bytes)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 771})
  void refusesPalettesThatAreNone(int bytes) {
    byte[] header = bytes("00000001 00000001 08 03 00 00 00");

    refused(
        png(new Chunk("IHDR", header), new Chunk("PLTE", new byte[bytes])),
        "a PNG of indices without palette (expected: PLTE of 1 to 256 colours)");
  }

  @Test
  void countsPixelsOverAllTheirPieces() throws IOException {
    byte[] header = bytes("00000002 00000002 08 00 00 00 00");
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(new byte[5]);
    }
    byte[] pixels = deflated.toByteArray();

    refused(
        png(
            new Chunk("IHDR", header),
            new Chunk("IDAT", new byte[0]),
            new Chunk("IDAT", Arrays.copyOf(pixels, 5)),
            new Chunk("IDAT", Arrays.copyOfRange(pixels, 5, pixels.length))),
        "5 bytes of pixels (expected: 6)");
  }

  @SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
  private record Chunk(String type, byte[] content) {}

  private static byte[] png(Chunk... chunks) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(PngChunk.signature());
    for (Chunk chunk : chunks) {
      PngChunk.write(file, chunk.type(), chunk.content());
    }
    PngChunk.write(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void refused(byte[] file, String message) {
    assertThatExceptionOfType(MalformedImageException.class)
        .isThrownBy(() -> decode(file))
        .withMessageStartingWith("x: ")
        .withMessageContaining(message)
        .withMessageContaining("(expected: ");
  }

  private static boolean isRefused(byte[] file) {
    try {
      assertThat(decode(file).width()).isEqualTo(IMAGE.width());
      return false;
    } catch (MalformedImageException refused) {
      assertThat(refused).hasMessageStartingWith("x: ").hasMessageContaining("(expected: ");
      return true;
    }
  }

  private static Picture decode(byte[] file) {
    return PictureDecoder.decode("x", file, DecodeLimits.DEFAULT);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[RgbImage.CHANNELS * width * height];
    new Random(1).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}

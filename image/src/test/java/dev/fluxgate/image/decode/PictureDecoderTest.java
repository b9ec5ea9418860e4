package dev.fluxgate.image.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.Picture.Mode;
import dev.fluxgate.image.PngChunk;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.encode.PictureEncoder;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PictureDecoderTest {
  private final RgbImage image = noise(37, 23);

  @ParameterizedTest
  @EnumSource(
      value = ImageFormat.class,
      names = {"PNG", "WEBP"})
  void readsTheVeryPixelsThatWereWritten(ImageFormat format) {
    Picture picture = decode(PictureEncoder.encode(image, Map.of("prompt", "東"), format));

    assertThat(picture.mode()).isEqualTo(Mode.RGB);
    assertThat(picture.toRgb()).isEqualTo(image);
  }

  @Test
  void readsAJpegWithinItsLoss() {
    RgbImage smooth = smooth(64, 48);
    RgbImage read = decode(PictureEncoder.encode(smooth, Map.of(), ImageFormat.JPEG)).toRgb();

    for (int i = 0; i < smooth.rgb().length; i++) {
      int off = Byte.toUnsignedInt(read.rgb()[i]) - Byte.toUnsignedInt(smooth.rgb()[i]);
      assertThat(Math.abs(off)).isLessThan(6);
    }
  }

  @Test
  void keepsTheModeOfEachKindOfPng() {
    byte[] rows = {0, 0b0110_0000};
    byte[] indices = {0, 0b0110_0000};

    assertThat(decode(png(3, 1, 1, 0, rows)))
        .isEqualTo(Picture.of(Mode.BILEVEL, 3, 1, new byte[] {0, -1, -1}));
    assertThat(decode(png(2, 1, 4, 0, new byte[] {0, (byte) 0x3F})))
        .isEqualTo(Picture.of(Mode.GREY, 2, 1, new byte[] {0x33, -1}));
    assertThat(decode(png(1, 1, 8, 4, new byte[] {0, 7, 9})))
        .isEqualTo(Picture.of(Mode.GREY_ALPHA, 1, 1, new byte[] {7, 9}));
    assertThat(decode(png(1, 1, 8, 6, new byte[] {0, 1, 2, 3, 4})))
        .isEqualTo(Picture.of(Mode.RGBA, 1, 1, new byte[] {1, 2, 3, 4}));
    byte[] palette = {1, 2, 3, 4, 5, 6};
    Picture indexed = decode(withChunk(png(3, 1, 1, 3, indices), 33, "PLTE", palette));
    assertThat(indexed).isEqualTo(new Picture(Mode.PALETTE, 3, 1, new byte[] {0, 1, 1}, palette));
    assertThat(indexed.toRgb().rgb()).containsExactly(1, 2, 3, 4, 5, 6, 4, 5, 6);
  }

  @Test
  void readsInterlacedRows() {
    // 2 x 2 pixels are passes 1, 6 and 7 of Adam7: one, one and two pixels.
    byte[] rows = {0, 10, 0, 20, 0, 30, 40};

    assertThat(decode(png(2, 2, 8, 0, 1, rows)).samples()).containsExactly(10, 20, 30, 40);
  }

  @Test
  void ignoresWhatFollowsThePicture() {
    for (ImageFormat format : ImageFormat.values()) {
      byte[] file = PictureEncoder.encode(image, Map.of(), format);

      assertThat(decode(concat(file, "garbage".getBytes(ISO_8859_1)))).isEqualTo(decode(file));
    }
  }

  @Test
  void ignoresTransparentColoursAndProfilesOfAPng() {
    byte[] file = png(1, 1, 8, 0, new byte[] {0, 7});
    byte[] odd = withChunk(withChunk(file, 33, "tRNS", new byte[] {0, 7}), 33, "gAMA", new byte[4]);

    assertThat(decode(odd)).isEqualTo(decode(file));
  }

  @Test
  void refusesABombByItsHeader() {
    byte[] bomb = png(100_000, 100_000, 8, 2, new byte[] {0});

    assertThatThrownBy(() -> decode(bomb))
        .isInstanceOf(MalformedImageException.class)
        .hasMessage("x: 100000 x 100000 (expected: at least 1 x 1 and at most 67108864 pixels)");
    refused("x: 0 x 5 (expected: at least 1 x 1", png(0, 5, 8, 2, new byte[] {0}));
    DecodeLimits small = new DecodeLimits(1 << 20, 100);
    byte[] jpeg = PictureEncoder.encode(image, Map.of(), ImageFormat.JPEG);
    assertThatThrownBy(() -> PictureDecoder.decode("x", jpeg, small))
        .hasMessage("x: 37 x 23 (expected: at least 1 x 1 and at most 100 pixels)");
    byte[] webp = PictureEncoder.encode(image, Map.of(), ImageFormat.WEBP);
    assertThatThrownBy(() -> PictureDecoder.decode("x", webp, small))
        .hasMessage("x: 37 x 23 (expected: at least 1 x 1 and at most 100 pixels)");
    assertThatThrownBy(() -> PictureDecoder.decode("x", webp, new DecodeLimits(10, 100)))
        .hasMessageContaining("bytes (expected: at most 10)");
  }

  @Test
  void refusesLimitsThatAreNone() {
    assertThatThrownBy(() -> new DecodeLimits(0, 1)).hasMessageStartingWith("maxBytes: 0");
    assertThatThrownBy(() -> new DecodeLimits(1, 1L << 40)).hasMessageStartingWith("maxPixels: ");
  }

  @Test
  void refusesEveryTruncation() {
    for (ImageFormat format : ImageFormat.values()) {
      byte[] file = PictureEncoder.encode(image, Map.of(), format);
      for (int length = 0; length < file.length; length += 7) {
        byte[] part = Arrays.copyOf(file, length);
        assertThatThrownBy(() -> decode(part))
            .as(format + " of " + length)
            .isInstanceOf(MalformedImageException.class)
            .hasMessageContaining("(expected: ");
      }
    }
  }

  @Test
  void refusesAJpegWhoseDataEndsEarly() {
    byte[] file = PictureEncoder.encode(image, Map.of(), ImageFormat.JPEG);
    byte[] part = Arrays.copyOf(file, file.length * 3 / 4);
    part[part.length - 2] = (byte) 0xFF;
    part[part.length - 1] = (byte) 0xD9;

    refused("x: ", part);
  }

  @Test
  void refusesPngsOfTooFewOrDamagedPixels() {
    refused("x: 3 bytes of pixels (expected: 6)", png(2, 2, 8, 0, new byte[] {0, 1, 2}));
    byte[] noZlib = withChunk(png(1, 1, 8, 0), 33, "IDAT", new byte[] {1, 2, 3});
    refused("x: pixels that do not inflate", noZlib);
    byte[] damaged = png(2, 2, 8, 0, new byte[6]);
    damaged[45] ^= 1;
    refused("x: chunk IDAT at byte 33 has CRC", damaged);
    refused("x: a PNG of indices without palette", png(1, 1, 8, 3, new byte[2]));
  }

  @Test
  void refusesOtherKindsOfSamples() throws IOException {
    refused("x: a PNG of 16 bits a sample, colour type 2", png(1, 1, 16, 2, new byte[7]));
    refused("x: a PNG of 5 bits a sample", png(1, 1, 5, 0, new byte[2]));
    refused("x: a JPEG of 4 inks, CMYK or YCCK (expected: grey or colour)", cmyk());
    byte[] twelve = PictureEncoder.encode(image, Map.of(), ImageFormat.JPEG);
    int frame = new String(twelve, ISO_8859_1).indexOf("\u00ff\u00c0");
    twelve[frame + 4] = 12;
    refused("x: a JPEG of 12 bits a sample (expected: 8)", twelve);
    twelve[frame + 4] = 8;
    twelve[frame + 1] = (byte) 0xC9;
    refused("x: a JPEG of process 9", twelve);
  }

  @Test
  void refusesPicturesThatMove() throws IOException {
    refused(
        "x: an animated PNG (expected: a still picture)",
        withChunk(png(1, 1, 8, 0, new byte[2]), 33, "acTL", new byte[8]));
    refused("x: an animated WebP (expected: a still picture)", extendedWebp((byte) 0x02, "ANIM"));
    refused("x: an animated WebP (expected: a still picture)", extendedWebp((byte) 0, "ANMF"));
    refused("x: a GIF file (expected: a PNG, JPEG or WebP file)", written("gif"));
  }

  @Test
  void refusesOtherFiles() throws IOException {
    refused("x: a BMP file", written("bmp"));
    refused("x: no bytes", new byte[0]);
    refused("x: a TIFF file", "II*\0....".getBytes(ISO_8859_1));
    refused("x: an ISO media file", "\0\0\0\30ftypheic".getBytes(ISO_8859_1));
    refused("x: bytes of no known format", "<svg/>".getBytes(ISO_8859_1));
  }

  @Test
  void refusesAWebpWhoseSizesDiffer() {
    byte[] file = PictureEncoder.encode(image, Map.of("a", "b"), ImageFormat.WEBP);
    file[24]++;

    refused("x: pixels of Size[width=37, height=23] on Size[width=38, height=23]", file);
  }

  @Test
  void readsOrRefusesWhateverIsDamaged() {
    Random random = new Random(5);
    for (ImageFormat format : ImageFormat.values()) {
      byte[] file = PictureEncoder.encode(image, Map.of("a", "b"), format);
      int refusals = 0;
      for (int i = 0; i < 300; i++) {
        byte[] damaged = file.clone();
        int hits = 1 + random.nextInt(4);
        for (int hit = 0; hit < hits; hit++) {
          damaged[random.nextInt(Math.min(damaged.length, 700))] = (byte) random.nextInt();
        }
        try {
          Picture read = PictureDecoder.decode("x", damaged, new DecodeLimits(1 << 20, 1 << 20));
          assertThat(read.width()).isPositive();
        } catch (MalformedImageException refused) {
          assertThat(refused).hasMessageStartingWith("x: ").hasMessageContaining("(expected: ");
          refusals++;
        }
      }
      assertThat(refusals).as("refusals of %s", format).isPositive();
    }
  }

  private static void refused(String message, byte[] file) {
    assertThatThrownBy(() -> decode(file))
        .isInstanceOf(MalformedImageException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("(expected: ");
  }

  private static Picture decode(byte[] file) {
    return PictureDecoder.decode("x", file, DecodeLimits.DEFAULT);
  }

  private static byte[] png(int width, int height, int depth, int kind, byte... rows) {
    return png(width, height, depth, kind, 0, rows);
  }

  private static byte[] png(
      int width, int height, int depth, int kind, int interlace, byte[] rows) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(PngChunk.signature());
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) depth).put((byte) kind).putShort((short) 0).put((byte) interlace);
    PngChunk.write(file, "IHDR", header.array());
    if (rows.length > 0) {
      PngChunk.write(file, "IDAT", deflate(rows));
    }
    PngChunk.write(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static byte[] deflate(byte[] bytes) {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return deflated.toByteArray();
  }

  private static byte[] withChunk(byte[] png, int at, String type, byte[] content) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(png, 0, at);
    PngChunk.write(file, type, content);
    file.write(png, at, png.length - at);
    return file.toByteArray();
  }

  private static byte[] extendedWebp(byte flags, String chunk) {
    ByteBuffer file = ByteBuffer.allocate(46).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(ISO_8859_1)).putInt(38).put("WEBPVP8X".getBytes(ISO_8859_1));
    file.putInt(10).put(flags).position(30);
    file.put(chunk.getBytes(ISO_8859_1)).putInt(8);
    return file.array();
  }

  private static byte[] cmyk() throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(out);
      Raster inks = Raster.createInterleavedRaster(0, 8, 8, 4, null);
      writer.write(null, new IIOImage(inks, null, null), null);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  private static byte[] written(String format) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    BufferedImage picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageIO.write(picture, format, file)).isTrue();
    return file.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(1).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }

  private static RgbImage smooth(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      rgb[3 * i] = (byte) (i % width * 3);
      rgb[3 * i + 1] = (byte) (i / width * 4);
      rgb[3 * i + 2] = (byte) 100;
    }
    return new RgbImage(width, height, rgb);
  }
}

package dev.fluxgate.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngFileTest {
  private final RgbImage picture = gradientWithNoise(37, 23);

  @Test
  void readsBackWhatItWrote() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("parameters", "a red circle\nSteps: 20");
    text.put("prompt", "東京 🚀 é");
    text.put("latin", "crêpe ÿ");

    PngFile file = PngFile.decode("x.png", PngWriter.encode(picture, text));

    assertThat(file.image()).isEqualTo(picture);
    assertThat(file.text()).containsExactlyEntriesOf(text);
  }

  @Test
  void writesTheSamePixelsThatImageIoReads() throws IOException {
    byte[] file = PngWriter.encode(picture, Map.of());

    var other = ImageIO.read(new ByteArrayInputStream(file));

    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        int expected =
            0xFF000000
                | picture.level(x, y, 0) << 16
                | picture.level(x, y, 1) << 8
                | picture.level(x, y, 2);
        assertThat(other.getRGB(x, y)).isEqualTo(expected);
      }
    }
  }

  @Test
  void filtersSmoothRowsIntoFewBytes() {
    RgbImage smooth = new RgbImage(256, 256, smoothBytes(256, 256));

    assertThat(PngWriter.encode(smooth, Map.of())).hasSizeLessThan(256 * 256 * 3 / 50);
  }

  @Test
  void writesLatin1TextSoThatOldReadersSeeItAndOtherTextAsUtf8() {
    String latin1 = new String(PngWriter.encode(picture, Map.of("k", "é")), ISO_8859_1);
    String other = new String(PngWriter.encode(picture, Map.of("k", "東")), ISO_8859_1);

    assertThat(latin1).contains("tEXtk\0é").doesNotContain("iTXt");
    assertThat(other).contains("iTXtk\0\0\0\0\0" + new String("東".getBytes(UTF_8), ISO_8859_1));
  }

  @Test
  void readsCompressedAndMislabelledText() {
    byte[] zipped = concat("k\0\0".getBytes(ISO_8859_1), deflate("zé".getBytes(ISO_8859_1)));
    byte[] loose = "m\0東".getBytes(UTF_8);

    PngFile file =
        PngFile.decode("x.png", withChunk(withChunk(plain(), "tEXt", loose), "zTXt", zipped));

    assertThat(file.text()).isEqualTo(Map.of("k", "zé", "m", "東"));
  }

  @Test
  void refusesATextBomb() {
    byte[] bomb =
        concat("k\0\0".getBytes(ISO_8859_1), deflate(new byte[PngText.MAX_TEXT_BYTES + 1]));

    assertThatThrownBy(() -> PngFile.decode("x.png", withChunk(plain(), "zTXt", bomb)))
        .isInstanceOf(MalformedImageException.class)
        .hasMessageContaining("x.png: chunk zTXt holds no text (text of 16777217 bytes");
  }

  @Test
  void refusesKeywordsThatTheFormatCannotHold() {
    for (String keyword : new String[] {"", " a", "a ", "a  b", "東", "a\nb", "x".repeat(80)}) {
      assertThatThrownBy(() -> PngWriter.encode(picture, Map.of(keyword, "t")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("keyword: '" + keyword + "' (expected: ");
    }
  }

  @Test
  void refusesEveryTruncation() {
    byte[] file = PngWriter.encode(new RgbImage(2, 2, new byte[12]), Map.of("k", "v"));

    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> PngFile.decode("cut.png", cut))
          .isInstanceOf(MalformedImageException.class)
          .hasMessageStartingWith("cut.png: ");
    }
  }

  @Test
  void refusesEveryFlippedByte() {
    byte[] file = PngWriter.encode(new RgbImage(2, 2, new byte[12]), Map.of("k", "v"));

    for (int at = 0; at < file.length; at++) {
      byte[] damaged = file.clone();
      damaged[at] ^= 0x20;
      assertThatThrownBy(() -> PngFile.decode("damaged.png", damaged))
          .isInstanceOf(MalformedImageException.class);
    }
  }

  @Test
  void refusesAHugePictureBeforeDecodingIt() {
    byte[] header = PngChunk.bigEndian(1 << 20);
    byte[] huge = concat(concat(header, header), new byte[] {8, 2, 0, 0, 0});
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(PngChunk.SIGNATURE);
    PngChunk.write(file, "IHDR", huge);
    PngChunk.write(file, "IEND", new byte[0]);

    assertThatThrownBy(() -> PngFile.decode("huge.png", file.toByteArray()))
        .isInstanceOf(MalformedImageException.class)
        .hasMessageContaining("huge.png: 1048576 x 1048576 (expected: ");
  }

  @Test
  void readsAFileAndNamesItInErrors(@TempDir Path folder) throws IOException {
    Path good = Files.write(folder.resolve("good.png"), plain());
    Path bad = Files.writeString(folder.resolve("bad.png"), "no picture");

    assertThat(PngFile.read(good).image()).isEqualTo(picture);
    assertThatThrownBy(() -> PngFile.read(bad))
        .hasMessage(bad + ": no PNG signature (expected: a PNG file)");
  }

  private byte[] plain() {
    return PngWriter.encode(picture, Map.of());
  }

  /** {@code file} with one more chunk right behind its header. */
  private static byte[] withChunk(byte[] file, String type, byte[] content) {
    int behindHeader = PngChunk.SIGNATURE.length + 25;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, behindHeader);
    PngChunk.write(out, type, content);
    out.write(file, behindHeader, file.length - behindHeader);
    return out.toByteArray();
  }

  private static byte[] deflate(byte[] bytes) {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return deflated.toByteArray();
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static byte[] smoothBytes(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3 % width + i / (3 * width));
    }
    return rgb;
  }

  private static RgbImage gradientWithNoise(int width, int height) {
    byte[] rgb = smoothBytes(width, height);
    Random random = new Random(5);
    for (int i = 0; i < rgb.length / 2; i++) {
      rgb[i] = (byte) random.nextInt();
    }
    return new RgbImage(width, height, rgb);
  }
}

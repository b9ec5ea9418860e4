package dev.fluxgate.image.encode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PictureEncoderTest {
  private final RgbImage image = new RgbImage(4, 3, new byte[36]);

  @Test
  void givesPngOneChunkAnEntry() {
    byte[] file = PictureEncoder.encode(image, Map.of("prompt", "東"), ImageFormat.PNG);

    assertThat(PngFile.decode("x", file)).isEqualTo(new PngFile(image, Map.of("prompt", "東")));
  }

  @Test
  void tellsAllEntriesInTheExifOfJpegAndWebp() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("Software", "Fluxgate 1");
    text.put("prompt", "東京 \"q\" \\ 🚀\n");

    byte[] jpeg = PictureEncoder.encode(image, text, ImageFormat.JPEG);
    byte[] webp = PictureEncoder.encode(image, text, ImageFormat.WEBP);

    for (byte[] file : new byte[][] {jpeg, webp}) {
      assertThat(software(file)).isEqualTo("Fluxgate 1");
      assertThat(comment(file))
          .isEqualTo(
              "{\"Software\": \"Fluxgate 1\"," + " \"prompt\": \"東京 \\\"q\\\" \\\\ 🚀\\u000a\"}");
    }
    assertThat(webp[20]).as("flags of VP8X").isEqualTo((byte) 0x08);
    assertThat(webp).hasSize(8 + Integer.reverseBytes(ByteBuffer.wrap(webp).getInt(4)));
  }

  @Test
  void tellsNothingWithoutEntries() {
    for (ImageFormat format : ImageFormat.values()) {
      String file = new String(PictureEncoder.encode(image, Map.of(), format), ISO_8859_1);

      assertThat(file).doesNotContain("Exif").doesNotContain("EXIF").doesNotContain("tEXt");
    }
  }

  @Test
  void leavesOutOfAJpegByNameWhatItHasNoPlaceFor() {
    Map<String, String> text = Map.of("prompt", "x".repeat(40_000), "seed", "7");

    byte[] jpeg = PictureEncoder.encode(image, text, ImageFormat.JPEG);
    byte[] webp = PictureEncoder.encode(image, text, ImageFormat.WEBP);

    assertThat(comment(jpeg)).isEqualTo("{\"seed\": \"7\", \"left_out\": \"prompt\"}");
    assertThat(comment(webp)).contains("x".repeat(40_000));
  }

  @Test
  void samplesTheColoursOfEveryPixelOfAJpeg() {
    byte[] jpeg = PictureEncoder.encode(image, Map.of(), ImageFormat.JPEG);

    int frame = new String(jpeg, ISO_8859_1).indexOf("\u00ff\u00c0");
    assertThat(jpeg[frame + 11]).isEqualTo((byte) 0x11);
    assertThat(jpeg[frame + 14]).isEqualTo((byte) 0x11);
  }

  @Test
  void refusesSidesThatTheFormatCannotHold() {
    RgbImage wide = new RgbImage(16384, 1, new byte[3 * 16384]);
    RgbImage wider = new RgbImage(65501, 1, new byte[3 * 65501]);

    assertThatThrownBy(() -> PictureEncoder.encode(wide, Map.of(), ImageFormat.WEBP))
        .hasMessage("size: 16384 x 1 (expected: at most 16383 each way in a WebP)");
    assertThatThrownBy(() -> PictureEncoder.encode(wider, Map.of(), ImageFormat.JPEG))
        .hasMessage("size: 65501 x 1 (expected: at most 65500 each way in a JPEG)");
  }

  @Test
  void knowsFormatsByName() {
    assertThat(ImageFormat.of("JPG")).isEqualTo(ImageFormat.JPEG);
    assertThat(ImageFormat.of("webp").mediaType()).isEqualTo("image/webp");
    assertThat(ImageFormat.of("png").extension()).isEqualTo("png");
    assertThatThrownBy(() -> ImageFormat.of("gif"))
        .hasMessage("format: 'gif' (expected: png, jpeg or webp)");
  }

  private static String software(byte[] file) {
    ByteBuffer exif = exif(file);
    assertThat(exif.getShort(10)).isEqualTo((short) 0x0131);
    byte[] value = new byte[exif.getInt(14) - 1];
    exif.get(exif.getInt(18), value);
    return new String(value, ISO_8859_1);
  }

  private static String comment(byte[] file) {
    ByteBuffer exif = exif(file);
    int last = 10 + 12 * (exif.getShort(8) - 1);
    assertThat(exif.getShort(last)).isEqualTo((short) 0x8769);
    int directory = exif.getInt(last + 8);
    assertThat(exif.getShort(directory + 2)).isEqualTo((short) 0x9286);
    byte[] value = new byte[exif.getInt(directory + 6)];
    exif.get(exif.getInt(directory + 10), value);
    assertThat(new String(value, 0, 8, ISO_8859_1)).isEqualTo("UNICODE\0");
    return new String(value, 8, value.length - 8, UTF_16BE);
  }

  private static ByteBuffer exif(byte[] file) {
    int at = new String(file, ISO_8859_1).indexOf("MM\0*\0\0\0\b");
    assertThat(at).isPositive();
    return ByteBuffer.wrap(file).slice(at, file.length - at);
  }
}

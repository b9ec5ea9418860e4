package dev.fluxgate.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures and tensors that nobody should send: one line with option and file, exit code 2. */
class InputRefusalTest {
  private static final int SIDE = 64;
  private static final int HEADER_END = 33;
  private static final Path MODEL =
      Path.of(
          System.getProperty("fluxgate.root"),
          "testdata",
          "golden",
          "pipelines",
          "model_flux2_klein");

  @TempDir private static Path folder;

  @BeforeAll
  static void writeFiles() throws IOException {
    byte[] good = written("png", new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB));
    Map<String, byte[]> files =
        Map.ofEntries(
            Map.entry("good.png", good),
            Map.entry(
                "dot.png", written("png", new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB))),
            Map.entry(
                "deep.png",
                written("png", new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_USHORT_GRAY))),
            Map.entry("cut.png", Arrays.copyOf(good, good.length - 20)),
            Map.entry("moving.png", with(good, HEADER_END, chunk("acTL", new byte[8]))),
            Map.entry("bomb.png", resized(good, 60_000)),
            Map.entry(
                "moving.gif",
                written("gif", new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB))),
            Map.entry(
                "moving.webp",
                HexFormat.of()
                    .parseHex("524946461600000057454250565038580a000000020000003f00003f0000")),
            Map.entry("inks.jpg", inks()),
            Map.entry("empty.png", new byte[0]),
            Map.entry("words.png", "no picture".getBytes(ISO_8859_1)),
            Map.entry("other.safetensors", tensor("noise", "[1]", 1)),
            Map.entry("nan.safetensors", tensor("latents", "[1,24,4,4]", 24 * 16)),
            Map.entry("small.safetensors", tensor("latents", "[3]", 3)));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--image @dot.png     | --image: @dot.png: 1 x 1 (expected: at least 64 pixels each way)",
        "--image @deep.png    | --image: @deep.png: a PNG of 16 bits a sample, colour type 0",
        "--image @good.png --image @cut.png | --image: @cut.png: ends inside",
        "--image @moving.png  | --image: @moving.png: animated PNG (expected: one frame)",
        "--image @moving.gif  | --image: @moving.gif: unknown format (expected: PNG, JPEG or WebP)",
        "--image @moving.webp | --image: @moving.webp: animated WebP (expected: one frame)",
        "--image @bomb.png    | --image: @bomb.png: 60000 x 60000 (expected: 1..67108864 pixels)",
        "--image @inks.jpg    | --image: @inks.jpg: a JPEG of 4 inks, CMYK or YCCK (expected: ",
        "--image @empty.png   | --image: @empty.png: byte_size: 0 (expected: 1..67108864)",
        "--image @words.png   | --image: @words.png: unknown format (expected: PNG, JPEG or WebP)",
        "--image @none.png    | --image: @none.png: no such file (expected: a file)",
        "--image @good.png --mask @inks.jpg | --mask: @inks.jpg: a JPEG of 4 inks",
        "--mask @good.png     | --mask: @good.png: without a picture (expected: images",
        "--image @good.png --strength 0   | --strength: 0.0 (expected: above 0, at most 1)",
        "--image @good.png --strength 1.1 | --strength: 1.1 (expected: above 0, at most 1)",
        "--latents @other.safetensors | --latents: @other.safetensors: tensors [noise] (expected: one",
        "--latents @small.safetensors | --latents: @small.safetensors: [3] (expected: [1, 24, 4, 4])",
        "--latents @nan.safetensors   | --latents: @nan.safetensors: element 0 is NaN (expected: a number)",
        "--latents @words.png | --latents: @words.png: ",
        "--pipeline StableDiffusionPipeline | --pipeline: StableDiffusionPipeline (expected: one of",
        "--upsample chat      | --upsample: by chat (expected: none, since this gateway has no such",
      })
  void refuses(String options, String complaint) {
    assertRefused(options.replace("@", folder + "/").split(" +"), complaint);
  }

  @Test
  void refusesElevenReferences() {
    List<String> options = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      options.addAll(List.of("--image", folder.resolve("good.png").toString()));
    }

    assertRefused(options.toArray(String[]::new), "--image: 11 pictures (expected: at most 10)");
  }

  private static void assertRefused(String[] options, String complaint) {
    List<String> arguments =
        new ArrayList<>(List.of("generate", "a cat", "--quiet", "--steps", "1"));
    arguments.addAll(List.of("--model", MODEL.toString(), "--width", "32", "--height", "32"));
    arguments.addAll(List.of("--out", folder.resolve("drawn.png").toString()));
    arguments.addAll(List.of(options));

    CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));

    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("fluxgate generate: " + complaint.replace("@", folder + "/"));
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(folder.resolve("drawn.png")).doesNotExist();
  }

  private static byte[] written(String format, BufferedImage picture) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertThat(ImageIO.write(picture, format, file)).isTrue();
    return file.toByteArray();
  }

  private static byte[] inks() throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(out);
      Raster inks = Raster.createInterleavedRaster(0, SIDE, SIDE, 4, null);
      writer.write(null, new IIOImage(inks, null, null), null);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  /** A PNG that says it is larger than it is. */
  private static byte[] resized(byte[] png, int side) {
    byte[] header = Arrays.copyOfRange(png, 16, HEADER_END - 4);
    ByteBuffer.wrap(header).putInt(side).putInt(side);
    byte[] resized = png.clone();
    byte[] chunk = chunk("IHDR", header);
    System.arraycopy(chunk, 0, resized, 8, chunk.length);
    return resized;
  }

  private static byte[] chunk(String type, byte[] data) {
    CRC32 sum = new CRC32();
    sum.update(type.getBytes(ISO_8859_1));
    sum.update(data);
    return ByteBuffer.allocate(12 + data.length)
        .putInt(data.length)
        .put(type.getBytes(ISO_8859_1))
        .put(data)
        .putInt((int) sum.getValue())
        .array();
  }

  private static byte[] with(byte[] file, int at, byte[] more) {
    return ByteBuffer.allocate(file.length + more.length)
        .put(file, 0, at)
        .put(more)
        .put(file, at, file.length - at)
        .array();
  }

  /** A safetensors file of one tensor of which every value is no number. */
  private static byte[] tensor(String name, String shape, int count) {
    byte[] header =
        "{\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,%d]}}"
            .formatted(name, shape, 4 * count)
            .getBytes(ISO_8859_1);
    ByteBuffer file =
        ByteBuffer.allocate(8 + header.length + 4 * count).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header);
    for (int i = 0; i < count; i++) {
      file.putFloat(Float.NaN);
    }
    return file.array();
  }
}

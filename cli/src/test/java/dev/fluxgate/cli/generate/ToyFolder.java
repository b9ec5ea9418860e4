package dev.fluxgate.cli.generate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** The embedded model, and copies of it that are broken in one place. */
public final class ToyFolder {
  public static final Path MODEL = Path.of(System.getProperty("fluxgate.root"), "toy", "model");
  public static final String TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors";
  public static final String VAE = "vae/diffusion_pytorch_model.safetensors";
  public static final String TEXT_ENCODER = "text_encoder/model.safetensors";

  private ToyFolder() {}

  /** A copy below {@code folder} whose file {@code name} is what {@code change} makes of it. */
  public static Path with(Path folder, String name, UnaryOperator<byte[]> change) {
    Path copy = folder.resolve("model");
    try {
      copy(MODEL, copy);
      Files.write(copy.resolve(name), change.apply(Files.readAllBytes(MODEL.resolve(name))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }

  /** All files below {@code from}, below {@code to}. */
  public static Path copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    return to;
  }

  /** Every weight not a number: all ones, in any float type. */
  public static byte[] poisoned(byte[] safetensors) {
    byte[] poisoned = safetensors.clone();
    Arrays.fill(poisoned, dataStart(poisoned), poisoned.length, (byte) 0xff);
    return poisoned;
  }

  /** The first half of a file. */
  public static byte[] truncated(byte[] file) {
    return Arrays.copyOf(file, file.length / 2);
  }

  /** The header with one shape turned round; of the same length. */
  public static byte[] turned(byte[] safetensors) {
    int start = dataStart(safetensors);
    String header = new String(safetensors, 8, start - 8, StandardCharsets.UTF_8);
    byte[] turned =
        header
            .replaceFirst("(\"context_embedder.weight\".*?\\[)(\\d+)(, ?)(\\d+)]", "$1$4$3$2]")
            .getBytes(StandardCharsets.UTF_8);
    byte[] file = safetensors.clone();
    System.arraycopy(turned, 0, file, 8, turned.length);
    return file;
  }

  private static int dataStart(byte[] safetensors) {
    return 8 + (int) ByteBuffer.wrap(safetensors).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}

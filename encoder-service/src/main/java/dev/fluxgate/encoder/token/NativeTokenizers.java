package dev.fluxgate.encoder.token;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens tokenizers of the native Hugging Face library, which DJL carries in its jar. Left alone,
 * DJL reports its use to its makers, looks for CUDA builds on the network and unpacks into {@code
 * ~/.djl.ai}; here it does none of these: it unpacks into a cache folder of ours and stays offline.
 */
final class NativeTokenizers {
  private static final Map<String, String> PLAIN =
      Map.of("truncation", "false", "padding", "false");

  private NativeTokenizers() {}

  /**
   * A tokenizer that neither pads nor truncates.
   *
   * @param file named in errors
   * @param json content of a tokenizer.json
   */
  // The native library reports every malformed file as a bare RuntimeException.
  @SuppressWarnings("checkstyle:illegalcatch")
  static HuggingFaceTokenizer open(Path file, String json) {
    stayOffline();
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), PLAIN);
    } catch (IOException | RuntimeException e) {
      throw new TokenizerFormatException(
          file + ": " + e.getMessage() + " (expected: a tokenizer of the Hugging Face library)", e);
    }
  }

  /**
   * The ids of a text, without specials. DJL's own call also makes a string and an offset object of
   * every token, which is most of the time of a long prompt.
   */
  static long[] ids(HuggingFaceTokenizer tokenizer, String text) {
    long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, false);
    try {
      return TokenizersLibrary.LIB.getTokenIds(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /** DJL reads its settings from system properties; what a user has set himself stays. */
  private static void stayOffline() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    if (setting("ENGINE_CACHE_DIR") == null) {
      System.setProperty("ENGINE_CACHE_DIR", cacheFolder().toString());
    }
    if (setting("jna.tmpdir") == null) {
      System.setProperty("jna.tmpdir", folder(Path.of(enginesFolder(), "jna")).toString());
    }
  }

  private static String enginesFolder() {
    String folder = setting("ENGINE_CACHE_DIR");
    return folder == null ? cacheFolder().toString() : folder;
  }

  private static @Nullable String setting(String name) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? System.getProperty(name) : value;
  }

  /** The user's cache folder, or one of this process alone where that cannot be written. */
  private static Path cacheFolder() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path home = Path.of(System.getProperty("user.home", "."));
    Path base = cache == null || cache.isEmpty() ? home.resolve(".cache") : Path.of(cache);
    Path ours = base.resolve("fluxgate");
    try {
      Files.createDirectories(ours);
      return Files.isWritable(ours) ? ours : Files.createTempDirectory("fluxgate-native");
    } catch (IOException _) {
      // A read-only or missing home, as in containers; the temporary folder is private to us.
      return temporaryFolder();
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("fluxgate-native");
    } catch (IOException e) {
      throw new UncheckedIOException("no folder to unpack the tokenizer library into", e);
    }
  }

  private static Path folder(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be created", e);
    }
  }
}

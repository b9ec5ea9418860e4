package dev.fluxgate.gateway.upsample;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint for chat completions in OpenAI's spelling, as OpenRouter and many servers offer.
 *
 * @param url base, as "https://openrouter.ai/api/v1"; "/chat/completions" is appended
 * @param model name of the model to ask
 * @param key sent as bearer token; null for an endpoint that wants none
 * @param timeout of one attempt
 */
public record ChatEndpoint(URI url, String model, @Nullable String key, Duration timeout) {
  /** Where the key is looked for if no file is named. */
  public static final String KEY_VARIABLE = "FLUXGATE_UPSAMPLER_KEY";

  /** The model that the authors of FLUX.2 ask. */
  public static final String USUAL_MODEL = "mistralai/pixtral-large-2411";

  private static final int MAX_KEY_BYTES = 4096;

  /** Checks every value; no error tells the key. */
  public ChatEndpoint {
    String scheme = String.valueOf(url.getScheme());
    boolean usable =
        (scheme.equals("https") || scheme.equals("http"))
            && url.getHost() != null
            && url.getUserInfo() == null
            && url.getQuery() == null
            && url.getFragment() == null;
    if (!usable) {
      // Without the address: it may hold a key where none belongs.
      throw new IllegalArgumentException(
          "upsampler-url: scheme "
              + scheme
              + " (expected: http:// or https:// with a host, without user, query or fragment)");
    }
    if (model.isBlank()) {
      throw new IllegalArgumentException("upsampler-model: blank (expected: a name)");
    }
    if (key != null && !key.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "upsampler key: "
              + key.length()
              + " characters (expected: printable ASCII without spaces, on one line)");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("upsampler-timeout: " + timeout + " (expected: above 0)");
    }
  }

  /**
   * The key of a file, or else of the environment.
   *
   * @param file null for none
   * @return null where neither has one
   * @throws IllegalArgumentException for a file that cannot be read or is too long for a key
   */
  public static @Nullable String key(@Nullable Path file, Map<String, String> environment) {
    if (file == null) {
      String key = environment.getOrDefault(KEY_VARIABLE, "").strip();
      return key.isEmpty() ? null : key;
    }
    try {
      long size = Files.size(file);
      if (size > MAX_KEY_BYTES) {
        throw new IllegalArgumentException(
            "upsampler-key-file: " + size + " bytes (expected: at most " + MAX_KEY_BYTES + ")");
      }
      List<String> lines = Files.readString(file).strip().lines().toList();
      if (lines.size() != 1) {
        throw new IllegalArgumentException(
            "upsampler-key-file: " + lines.size() + " lines (expected: the key alone)");
      }
      return lines.getFirst();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "upsampler-key-file: " + file + " (expected: a file that can be read)", e);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return model + " at " + url.getScheme() + "://" + url.getAuthority();
  }
}

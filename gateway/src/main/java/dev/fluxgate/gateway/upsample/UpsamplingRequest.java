package dev.fluxgate.gateway.upsample;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * What is to be rewritten.
 *
 * @param prompt as typed
 * @param pictures to be edited, in order; empty for a new picture
 * @param temperature 0 to 2; 0 takes the likeliest words
 * @param seed of the words drawn, where the upsampler can be told
 * @param maxNewTokens most tokens of the answer
 */
public record UpsamplingRequest(
    String prompt, List<Picture> pictures, float temperature, long seed, int maxNewTokens) {
  /** What the authors of FLUX.2 recommend. */
  public static final float TEMPERATURE = 0.15f;

  /** Tokens of an answer, where nobody says otherwise. */
  public static final int MAX_NEW_TOKENS = 512;

  private static final float HOTTEST = 2;
  private static final int MOST_TOKENS = 2048;
  private static final int MOST_PICTURES = 10;

  /**
   * A picture as its file.
   *
   * @param mediaType "image/png", "image/jpeg" or "image/webp"
   * @param file its bytes
   */
  public record Picture(String mediaType, ByteString file) {
    /** Checks the type. */
    public Picture {
      if (!List.of("image/png", "image/jpeg", "image/webp").contains(mediaType)) {
        throw new IllegalArgumentException(
            "media type: " + mediaType + " (expected: image/png, image/jpeg or image/webp)");
      }
    }
  }

  /** Checks every value; errors name the field. */
  public UpsamplingRequest {
    pictures = List.copyOf(pictures);
    require(!prompt.isBlank(), "prompt: blank", "some text");
    require(
        pictures.size() <= MOST_PICTURES, "pictures: " + pictures.size(), "0.." + MOST_PICTURES);
    require(
        temperature >= 0 && temperature <= HOTTEST,
        "upsampling_temperature: " + temperature,
        "0.." + HOTTEST);
    require(
        maxNewTokens >= 1 && maxNewTokens <= MOST_TOKENS,
        "upsampling_max_new_tokens: " + maxNewTokens,
        "1.." + MOST_TOKENS);
  }

  /** With the recommended temperature and length. */
  public static UpsamplingRequest of(String prompt, List<Picture> pictures, long seed) {
    return new UpsamplingRequest(prompt, pictures, TEMPERATURE, seed, MAX_NEW_TOKENS);
  }

  /** Without the prompt, which no log may hold. */
  @Override
  public String toString() {
    return prompt.length()
        + " characters, "
        + pictures.size()
        + " pictures, temperature "
        + temperature;
  }

  private static void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(value + " (expected: " + expected + ")");
    }
  }
}

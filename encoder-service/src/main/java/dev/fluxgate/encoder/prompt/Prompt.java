package dev.fluxgate.encoder.prompt;

import java.nio.charset.StandardCharsets;

/**
 * What a user asks for, exactly as typed: no trimming, no normalisation. Only unpaired surrogates,
 * which no tokenizer can read, become U+FFFD. NUL characters stay.
 *
 * @param text well-formed UTF-16
 */
public record Prompt(String text) {

  /** Largest prompt accepted, in UTF-8 bytes. */
  public static final int MAX_BYTES = 1 << 20;

  /**
   * Repairs surrogates and checks the size.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_BYTES}
   */
  public Prompt {
    text = checked("prompt", text);
  }

  /**
   * The second prompt of a family that takes two.
   *
   * @throws IllegalArgumentException for more than {@link #MAX_BYTES}
   */
  public static Prompt second(String text) {
    return new Prompt(checked("prompt_2", text));
  }

  private static String checked(String field, String typed) {
    String text = replaceUnpairedSurrogates(typed);
    // A UTF-16 unit takes at least one byte: a text that is far too long is not encoded to see so.
    if (text.length() > MAX_BYTES || text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new IllegalArgumentException(
          field
              + ": "
              + text.getBytes(StandardCharsets.UTF_8).length
              + " bytes of UTF-8 (expected: at most "
              + MAX_BYTES
              + ")");
    }
    return text;
  }

  private static String replaceUnpairedSurrogates(String text) {
    if (text.codePoints().noneMatch(Prompt::isSurrogate)) {
      return text;
    }
    return text.codePoints()
        .map(codePoint -> isSurrogate(codePoint) ? 0xFFFD : codePoint)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}

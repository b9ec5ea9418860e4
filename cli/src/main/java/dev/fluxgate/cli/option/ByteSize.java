package dev.fluxgate.cli.option;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory.
 *
 * @param bytes more than none
 */
public record ByteSize(long bytes) {
  /** What is accepted, in words. */
  public static final String EXPECTED = "bytes, or a number with K, M or G, such as 256M";

  private static final Pattern FORM = Pattern.compile("(\\d{1,15})([KMG]?)");
  private static final String UNITS = "KMG";
  private static final int UNIT_BITS = 10;

  /** Checks that it is one. */
  public ByteSize {
    if (bytes < 1) {
      throw new IllegalArgumentException("size: " + bytes + " (expected: " + EXPECTED + ")");
    }
  }

  /**
   * The size that {@code text} writes, its units powers of 1024.
   *
   * @throws IllegalArgumentException for any other form
   */
  public static ByteSize parse(String text) {
    Matcher form = FORM.matcher(text.toUpperCase(Locale.ROOT));
    if (!form.matches()) {
      throw new IllegalArgumentException("size: " + text + " (expected: " + EXPECTED + ")");
    }
    int exponent = form.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(form.group(2));
    return new ByteSize(
        Math.multiplyExact(Long.parseLong(form.group(1)), 1L << (UNIT_BITS * exponent)));
  }
}

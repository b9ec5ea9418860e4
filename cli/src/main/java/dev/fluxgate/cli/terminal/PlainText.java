package dev.fluxgate.cli.terminal;

/** Words of others on a terminal of ours. */
public final class PlainText {
  private PlainText() {}

  /** {@code text} on one line; what steers a terminal becomes a space. */
  public static String line(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}

package dev.fluxgate.cli.terminal;

/** Colours of the terminal's own palette. */
public enum Colour {
  /** Something went wrong. */
  RED(31),
  /** Done. */
  GREEN(32),
  /** At work, or worth a look. */
  YELLOW(33),
  /** One of several. */
  BLUE(34),
  /** One of several. */
  MAGENTA(35),
  /** One of several. */
  CYAN(36),
  /** Less important. */
  GREY(90);

  private final int code;

  Colour(int code) {
    this.code = code;
  }

  /** {@code text} in this colour, where there {@code isColour}. */
  public String paint(String text, boolean isColour) {
    return isColour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}

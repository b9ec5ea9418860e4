package dev.fluxgate.cli.up;

import dev.fluxgate.cli.terminal.Colour;
import java.io.PrintWriter;
import java.util.List;

/** What all processes say, line by line, each line with the name of its process. */
final class SystemLog {
  private static final List<Colour> COLOURS =
      List.of(Colour.CYAN, Colour.MAGENTA, Colour.GREEN, Colour.YELLOW, Colour.BLUE);

  private final PrintWriter out;
  private final boolean isColour;

  SystemLog(PrintWriter out, boolean isColour) {
    this.out = out;
    this.isColour = isColour;
  }

  /** Prints a line of the process {@code name}, the {@code number}th that was started. */
  synchronized void print(String name, int number, String line) {
    out.println(COLOURS.get(number % COLOURS.size()).paint(name + " | ", isColour) + line);
    out.flush();
  }

  /** Prints a line of our own. */
  synchronized void print(String line) {
    out.println(Colour.GREY.paint("up | ", isColour) + line);
    out.flush();
  }
}

package dev.fluxgate.cli.client;

import dev.fluxgate.cli.terminal.PlainText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns, the last one cut to the width of the terminal. */
final class Table {
  private static final String GAP = "  ";
  private static final String CUT = "…";
  private static final int NARROWEST = 8;

  private final List<List<Cell>> rows = new ArrayList<>();

  /**
   * One field.
   *
   * @param text on one line
   * @param painted the same, perhaps coloured
   */
  record Cell(String text, String painted) {
    /** Without colour, and without what could move the cursor. */
    static Cell of(Object value) {
      String text = PlainText.line(value.toString());
      return new Cell(text, text);
    }
  }

  /** Adds a row; all rows have as many cells. */
  void add(List<Cell> row) {
    rows.add(List.copyOf(row));
  }

  /** Prints all rows. */
  void print(PrintWriter out, int columns) {
    int last = rows.getFirst().size() - 1;
    int[] widths = new int[last];
    for (List<Cell> row : rows) {
      for (int i = 0; i < last; i++) {
        widths[i] = Math.max(widths[i], length(row.get(i).text()));
      }
    }
    for (List<Cell> row : rows) {
      StringBuilder line = new StringBuilder();
      int used = 0;
      for (int i = 0; i < last; i++) {
        line.append(row.get(i).painted());
        line.append(" ".repeat(widths[i] - length(row.get(i).text()))).append(GAP);
        used += widths[i] + GAP.length();
      }
      Cell end = row.get(last);
      int left = Math.max(NARROWEST, columns - used);
      line.append(length(end.text()) <= left ? end.painted() : cut(end.text(), left));
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  private static String cut(String text, int length) {
    return text.substring(0, text.offsetByCodePoints(0, length - 1)) + CUT;
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}

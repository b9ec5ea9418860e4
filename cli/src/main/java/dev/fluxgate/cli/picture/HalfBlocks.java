package dev.fluxgate.cli.picture;

import dev.fluxgate.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures as text: two pixels a character, the upper one its ink, the lower one its paper. */
final class HalfBlocks {
  private static final int LARGEST = 40;
  private static final char UPPER_HALF = '▀';
  private static final String RESET = "\u001b[0m";

  private HalfBlocks() {}

  /** Rows for a terminal of 24-bit colour, scaled to fit into 40 columns and 20 rows. */
  static List<String> rows(RgbImage image) {
    int longer = Math.max(image.width(), image.height());
    int columns = Math.max(1, image.width() * LARGEST / longer);
    int lines = Math.max(1, Math.ceilDiv(image.height() * LARGEST / longer, 2));
    List<String> rows = new ArrayList<>();
    for (int line = 0; line < lines; line++) {
      StringBuilder row = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        row.append("\u001b[38;2;").append(mean(image, column, columns, 2 * line, 2 * lines));
        row.append("m\u001b[48;2;").append(mean(image, column, columns, 2 * line + 1, 2 * lines));
        row.append('m').append(UPPER_HALF);
      }
      rows.add(row.append(RESET).toString());
    }
    return rows;
  }

  /** Mean of the pixels under cell (x, y) of a grid, "r;g;b"; of the nearest where it has none. */
  private static String mean(RgbImage image, int x, int columns, int y, int lines) {
    int left = (int) ((long) x * image.width() / columns);
    int right = Math.max(left + 1, (int) ((x + 1L) * image.width() / columns));
    int top = (int) ((long) y * image.height() / lines);
    int bottom = Math.max(top + 1, (int) ((y + 1L) * image.height() / lines));
    long[] sums = new long[RgbImage.CHANNELS];
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        for (int channel = 0; channel < sums.length; channel++) {
          int at = (row * image.width() + column) * RgbImage.CHANNELS + channel;
          sums[channel] += image.rgb()[at] & 0xff;
        }
      }
    }
    long count = (long) (right - left) * (bottom - top);
    return sums[0] / count + ";" + sums[1] / count + ";" + sums[2] / count;
  }
}

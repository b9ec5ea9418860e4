package dev.fluxgate.cli.settings;

import java.util.Collection;
import java.util.Comparator;

/** What somebody who wrote an unknown name may have meant. */
final class NearestName {
  private NearestName() {}

  /** The one of {@code known}, not empty, that takes the fewest changes of a letter. */
  static String of(String name, Collection<String> known) {
    return known.stream().min(Comparator.comparingInt(each -> distance(name, each))).orElseThrow();
  }

  /** Levenshtein's distance, by rows. */
  private static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j < above.length; j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[above.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }
}

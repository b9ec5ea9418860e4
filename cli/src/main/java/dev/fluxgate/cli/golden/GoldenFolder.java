package dev.fluxgate.cli.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the cases below a folder: all families, one family, or one case. */
public final class GoldenFolder {
  private static final int DEPTH_OF_ALL_FAMILIES = 2;

  private GoldenFolder() {}

  /**
   * The cases of {@code dir} in the order of their paths.
   *
   * @param families the families wanted; empty for all
   * @throws GoldenCaseException if there is none
   */
  public static List<GoldenCase> cases(Path dir, Set<String> families) throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new GoldenCaseException(dir + ": not found (expected: a folder of golden cases)");
    }
    List<GoldenCase> cases = new ArrayList<>();
    collect(dir, DEPTH_OF_ALL_FAMILIES, cases);
    cases.removeIf(each -> !families.isEmpty() && !families.contains(each.family()));
    if (cases.isEmpty()) {
      String wanted = families.isEmpty() ? "" : " of " + String.join(", ", families);
      throw new GoldenCaseException(
          dir + ": no cases" + wanted + " (expected: <family>/<case>/case.json)");
    }
    return cases;
  }

  private static void collect(Path dir, int depth, List<GoldenCase> cases) throws IOException {
    if (Files.exists(dir.resolve("case.json"))) {
      cases.add(GoldenCase.read(dir));
    } else if (depth > 0) {
      try (Stream<Path> children = Files.list(dir)) {
        for (Path child : children.filter(Files::isDirectory).sorted().toList()) {
          collect(child, depth - 1, cases);
        }
      }
    }
  }
}

package dev.fluxgate.cli.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds the cases below a folder: all families, one family, or one case. */
public final class GoldenFolder {
  private static final int DEPTH_OF_ALL_FAMILIES = 2;

  private GoldenFolder() {}

  /**
   * The cases of {@code dir} in the order of their paths.
   *
   * @param families the families wanted; empty for all
   * @throws GoldenCaseException if there is none, or none of one of the families
   */
  public static List<GoldenCase> cases(Path dir, Set<String> families) throws IOException {
    if (!Files.isDirectory(dir)) {
      String problem = Files.exists(dir) ? ": not a folder" : ": not found";
      throw new GoldenCaseException(dir + problem + " (expected: a folder of golden cases)");
    }
    List<GoldenCase> cases = new ArrayList<>();
    collect(dir, DEPTH_OF_ALL_FAMILIES, cases);
    if (cases.isEmpty()) {
      throw new GoldenCaseException(dir + ": no cases (expected: <family>/<case>/case.json)");
    }
    return families.isEmpty() ? cases : ofFamilies(cases, families);
  }

  private static List<GoldenCase> ofFamilies(List<GoldenCase> cases, Set<String> families) {
    Set<String> present = new TreeSet<>();
    cases.forEach(each -> present.add(each.family()));
    for (String family : families) {
      if (!present.contains(family)) {
        throw new GoldenCaseException(
            "--families: " + family + " (expected: of " + String.join(", ", present) + ")");
      }
    }
    return cases.stream().filter(each -> families.contains(each.family())).toList();
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

package dev.fluxgate.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A mistake of {@code mutations.json} that is seeded into a kernel.
 *
 * @param family of kernels
 * @param name what it is
 * @param kind what it takes away
 * @param source the file of kernels that has it, without its ending
 */
record Mutation(String family, String name, Kind kind, String source) {
  private static final String SOURCE_ENDING = ".cu";
  private static final String ROW = "| ";
  private static final int ROWS_OF_THE_HEAD = 1;

  /** What a mutation takes away. */
  enum Kind {
    /** A barrier of the block. */
    BARRIER,
    /** A wait for asynchronous copies. */
    WAIT,
    /** The right stage of a pipeline. */
    STAGE,
    /** A check of a bound. */
    PREDICATE,
    /** Something else. */
    OTHER
  }

  /** All of them, in the order of the file. */
  static List<Mutation> all() throws IOException {
    Path file = Path.of(System.getProperty("fluxgate.root"), "engine/src/emulator/mutations.json");
    List<Mutation> all = new ArrayList<>();
    for (JsonNode each : new ObjectMapper().readTree(file.toFile())) {
      String source = each.get("source").asText();
      all.add(
          new Mutation(
              each.get("family").asText(),
              each.get("name").asText(),
              Kind.valueOf(each.get("kind").asText().toUpperCase(Locale.ROOT)),
              source.substring(0, source.length() - SOURCE_ENDING.length())));
    }
    return all;
  }

  /** That {@code lines} hold a table with a row for each, in the order of the file. */
  static void assertIsTableOfAll(List<String> lines) throws IOException {
    assertThat(
            lines.stream()
                .filter(line -> line.startsWith(ROW))
                .skip(ROWS_OF_THE_HEAD)
                .map(line -> line.substring(0, line.lastIndexOf(ROW) + ROW.length())))
        .containsExactlyElementsOf(all().stream().map(Mutation::row).toList());
  }

  /** How its row begins, before it tells what found it. */
  private String row() {
    return "| %s | %s | %s | ".formatted(family, name, kind.name().toLowerCase(Locale.ROOT));
  }
}

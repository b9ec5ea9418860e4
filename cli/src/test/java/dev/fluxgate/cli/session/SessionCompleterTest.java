package dev.fluxgate.cli.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionCompleterTest {
  /** The completer looks at the line alone. */
  private static final LineReader UNUSED =
      (LineReader)
          Proxy.newProxyInstance(
              LineReader.class.getClassLoader(),
              new Class<?>[] {LineReader.class},
              (_, method, _) -> {
                throw new AssertionError(method + " was called");
              });

  @TempDir private Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.createFile(folder.resolve("a.png"));
    Files.createFile(folder.resolve(".hidden"));
    Files.createDirectory(folder.resolve("pictures"));
  }

  @Test
  void offersCommandsInTheFirstWordAlone() {
    List<String> commands = List.of("run", "show", "reset", "help", "quit");

    assertThat(offered("", 0)).containsAll(commands);
    assertThat(offered("", 1)).doesNotContainAnyElementsOf(commands);
  }

  @Test
  void offersTheNamesOfSettingsUntilOneIsTyped() {
    assertThat(offered("st", 1)).contains("steps=", "seed=", "prompt=");
    assertThat(offered("image=" + folder + "/", 0)).doesNotContain("steps=");
  }

  @Test
  void offersFilesBehindANameAndWithoutOne() {
    assertThat(offered(folder + "/", 1)).contains(folder + "/a.png", folder + "/pictures/");
    assertThat(offered("mask=" + folder + "/", 1))
        .contains("mask=" + folder + "/a.png", "mask=" + folder + "/pictures/")
        .noneMatch(offer -> offer.contains(".hidden"));
  }

  @Test
  void goesOnInFoldersAndNamesAndEndsAtFiles() {
    assertThat(candidates(folder + "/", 0))
        .allSatisfy(each ->
            assertThat(each.complete())
                .as(each.value())
                .isEqualTo(!each.value().endsWith("/") && !each.value().endsWith("=")));
  }

  @Test
  void hasNothingToOfferWhereThereIsNoFolder() {
    assertThat(offered("image=" + folder + "/gone/x", 1)).isEmpty();
    assertThat(offered("image=" + folder + "/a.png/", 1)).isEmpty();
    assertThat(offered("image=\0/", 1)).isEmpty();
  }

  private static List<String> offered(String word, int index) {
    return candidates(word, index).stream().map(Candidate::value).toList();
  }

  private static List<Candidate> candidates(String word, int index) {
    List<Candidate> candidates = new ArrayList<>();
    new SessionCompleter().complete(UNUSED, new Typed(word, index), candidates);
    return candidates;
  }

  /** A line whose last word is {@code word}. */
  private record Typed(String word, int wordIndex) implements ParsedLine {
    @Override
    public int wordCursor() {
      return word.length();
    }

    @Override
    public List<String> words() {
      return List.of(word);
    }

    @Override
    public String line() {
      return word;
    }

    @Override
    public int cursor() {
      return word.length();
    }
  }
}

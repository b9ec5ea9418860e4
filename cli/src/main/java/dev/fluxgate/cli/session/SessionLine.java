package dev.fluxgate.cli.session;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.SyntaxError;
import org.jline.reader.impl.DefaultParser;

/** What a line of a session says. */
sealed interface SessionLine {

  /** Draw as it stands. */
  record Draw() implements SessionLine {}

  /** Show the settings. */
  record Show() implements SessionLine {}

  /** Forget the settings. */
  record Reset() implements SessionLine {}

  /** Tell what can be said. */
  record Help() implements SessionLine {}

  /** End. */
  record Quit() implements SessionLine {}

  /**
   * Draw this.
   *
   * @param text what the pictures show, as typed
   */
  record Prompt(String text) implements SessionLine {}

  /**
   * From now on.
   *
   * @param values by name, in the order of the line
   */
  record Change(Map<String, String> values) implements SessionLine {}

  /**
   * Draw after these.
   *
   * @param files in order
   */
  record Pictures(List<Path> files) implements SessionLine {}

  /**
   * Reads a line: a command, settings if every word is {@code name=value}, pictures if every word
   * is a file, else a prompt.
   */
  static SessionLine parse(String line) {
    String text = line.strip();
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "", "run" -> new Draw();
      case "show" -> new Show();
      case "reset" -> new Reset();
      case "help", "h", "?" -> new Help();
      case "quit", "q", "exit" -> new Quit();
      default -> {
        List<String> words = words(text);
        yield change(words).or(() -> pictures(words)).orElseGet(() -> new Prompt(text));
      }
    };
  }

  /** Split at spaces, without quotes; a prompt may have an apostrophe, which quotes nothing. */
  private static List<String> words(String text) {
    try {
      ParsedLine parsed =
          new DefaultParser().parse(text, text.length(), Parser.ParseContext.UNSPECIFIED);
      return parsed.words().stream().filter(word -> !word.isEmpty()).toList();
    } catch (SyntaxError _) {
      return List.of(text);
    }
  }

  private static Optional<SessionLine> change(List<String> words) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String word : words) {
      if (!word.matches("[A-Za-z][A-Za-z0-9_-]*=.*")) {
        return Optional.empty();
      }
      int equals = word.indexOf('=');
      // Quotes inside a word are left in by the parser.
      values.put(
          word.substring(0, equals),
          word.substring(equals + 1).replaceAll("^([\"'])(.*)\\1$", "$2"));
    }
    return Optional.of(new Change(values));
  }

  private static Optional<SessionLine> pictures(List<String> words) {
    try {
      List<Path> files = words.stream().map(Path::of).toList();
      return files.stream().allMatch(Files::isRegularFile)
          ? Optional.of(new Pictures(files))
          : Optional.empty();
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }
}

package dev.fluxgate.cli.settings;

import dev.fluxgate.cli.failure.IoReason;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A file of settings: Java properties in UTF-8, each key once.
 *
 * @param entries key → value, in file order
 */
record SettingsFile(Map<String, Entry> entries) {
  private static final long MAX_BYTES = 1 << 20;

  /**
   * One setting.
   *
   * @param value as written, without the spaces around it
   * @param place "fluxgate.properties:3"
   */
  record Entry(String value, String place) {}

  /** Keeps the order. */
  SettingsFile {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /**
   * Reads a file.
   *
   * @throws InvalidSettingsException naming file and line
   */
  static SettingsFile read(Path file) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<String> lines = lines(file);
    int first = 0;
    while (first < lines.size()) {
      int last = first;
      while (isContinued(lines.get(last)) && last + 1 < lines.size()) {
        last++;
      }
      String place = file + ":" + (first + 1);
      parse(String.join("\n", lines.subList(first, last + 1)), place)
          .forEach((key, value) -> add(entries, key, new Entry(value, place)));
      first = last + 1;
    }
    return new SettingsFile(entries);
  }

  private static void add(Map<String, Entry> entries, String key, Entry entry) {
    Entry earlier = entries.putIfAbsent(key, entry);
    if (earlier != null) {
      throw new InvalidSettingsException(
          entry.place() + ": " + key + ": set before, at " + earlier.place() + " (expected: once)");
    }
  }

  /** Java's own reader unescapes; it alone would neither count lines nor see what is set twice. */
  private static Map<String, String> parse(String logicalLine, String place) {
    Properties one = new Properties();
    try {
      one.load(new StringReader(logicalLine));
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidSettingsException(
          place + ": " + e.getMessage() + " (expected: a line of Java properties, KEY = VALUE)");
    }
    Map<String, String> entries = new LinkedHashMap<>();
    one.forEach((key, value) -> entries.put(key.toString(), value.toString().strip()));
    return entries;
  }

  private static List<String> lines(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new InvalidSettingsException(
            file + ": " + Files.size(file) + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new InvalidSettingsException(
          file + ": " + IoReason.of(e) + " (expected: a file of settings in UTF-8)");
    }
  }

  /** An odd number of backslashes at the end; a comment is never continued. */
  private static boolean isContinued(String line) {
    if (line.stripLeading().startsWith("#") || line.stripLeading().startsWith("!")) {
      return false;
    }
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }
}

package dev.fluxgate.image.encode;

import java.util.Map;
import java.util.stream.Collectors;

/** Texts as a JSON object of strings. */
final class JsonText {
  private JsonText() {}

  static String of(Map<String, String> text) {
    return text.entrySet().stream()
        .map(entry -> quoted(entry.getKey()) + ": " + quoted(entry.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    text.chars()
        .forEach(unit -> {
          if (unit == '"' || unit == '\\') {
            json.append('\\').append((char) unit);
          } else if (unit < ' ') {
            json.append("\\u%04x".formatted(unit));
          } else {
            json.append((char) unit);
          }
        });
    return json.append('"').toString();
  }
}

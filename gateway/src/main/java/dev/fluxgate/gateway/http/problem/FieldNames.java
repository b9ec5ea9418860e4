package dev.fluxgate.gateway.http.problem;

import java.util.Locale;
import java.util.regex.Pattern;

/** Names of fields as the protocol has them → as bodies and queries of HTTP have them. */
final class FieldNames {
  private static final Pattern WORD = Pattern.compile("_(.)");

  private FieldNames() {}

  /** "num_images" becomes "numImages". */
  static String toJson(String name) {
    return switch (name) {
      case "timeout" -> "timeoutMillis";
      case "states" -> "state";
      default -> WORD.matcher(name).replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
    };
  }
}

package dev.fluxgate.gateway.http.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A path with names in braces for its variable parts, as in "/v1/jobs/{id}:cancel". */
public final class PathTemplate {
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

  private final String text;
  private final List<String> names = new ArrayList<>();
  private final Pattern pattern;

  /** The template that reads {@code text}. A part matches anything but "/" and ":". */
  public PathTemplate(String text) {
    this.text = text;
    StringBuilder regex = new StringBuilder();
    Matcher variables = VARIABLE.matcher(text);
    int literal = 0;
    while (variables.find()) {
      regex.append(Pattern.quote(text.substring(literal, variables.start()))).append("([^/:]+)");
      names.add(variables.group(1));
      literal = variables.end();
    }
    pattern = Pattern.compile(regex + Pattern.quote(text.substring(literal)));
  }

  /** The names of the variable parts, in order. */
  public List<String> names() {
    return List.copyOf(names);
  }

  /** The variable parts of {@code path} by name; empty if the path is not of this template. */
  public Optional<Map<String, String>> match(String path) {
    Matcher matcher = pattern.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> parts = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      parts.put(names.get(i), matcher.group(i + 1));
    }
    return Optional.of(parts);
  }

  @Override
  public String toString() {
    return text;
  }
}

package dev.fluxgate.cli.session;

import dev.fluxgate.cli.generate.DrawingOptions;
import dev.fluxgate.cli.option.WrongArgument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * What a session draws with from line to line: the options of a single drawing under their names,
 * and the prompt. They are checked as those are, when they are set.
 */
final class SessionSettings {
  private static final String PROMPT = "prompt";
  private static final String IMAGE = "image";

  /** What users of diffusers and of the reference's command line type. */
  private static final Map<String, String> ALIASES =
      Map.of(
          "num_inference_steps", "steps",
          "num_steps", "steps",
          "guidance_scale", "guidance",
          "input_images", IMAGE,
          "num_images_per_prompt", "num_images");

  private final Map<String, String> values = new TreeMap<>();

  /** The options of one drawing. */
  @Command(name = "session")
  static final class Drawing {
    @Mixin private DrawingOptions options = new DrawingOptions();

    DrawingOptions options() {
      return options;
    }
  }

  /** Every name that can be set, in order. */
  static List<String> names() {
    List<String> names =
        new CommandLine(new Drawing())
            .getCommandSpec().options().stream().map(SessionSettings::name).sorted().toList();
    List<String> all = new ArrayList<>(List.of(PROMPT));
    all.addAll(names);
    return all;
  }

  /**
   * Sets all of {@code changes}, or none; an empty value forgets a setting.
   *
   * @throws ParameterException for a name that is none, or a value that cannot be
   */
  void set(Map<String, String> changes) {
    Map<String, String> before = Map.copyOf(values);
    try {
      changes.forEach(this::set);
      DrawingOptions _ = options();
    } catch (ParameterException e) {
      values.clear();
      values.putAll(before);
      throw e;
    }
  }

  /** Draws after {@code files} from now on. */
  void setPictures(List<Path> files) {
    set(Map.of(IMAGE, files.stream().map(Path::toString).collect(Collectors.joining(","))));
  }

  /** Draws {@code text} from now on. */
  void setPrompt(String text) {
    values.put(PROMPT, text);
  }

  /** Forgets all. */
  void reset() {
    values.clear();
  }

  /** What the next picture shows; empty before the first. */
  String prompt() {
    return values.getOrDefault(PROMPT, "");
  }

  /** The options of the next drawing. */
  DrawingOptions options() {
    Drawing drawing = new Drawing();
    CommandLine line = new CommandLine(drawing).setCaseInsensitiveEnumValuesAllowed(true);
    String[] arguments =
        values.entrySet().stream()
            .filter(each -> !each.getKey().equals(PROMPT))
            .map(each -> "--" + each.getKey().replace('_', '-') + "=" + each.getValue())
            .toArray(String[]::new);
    try {
      CommandLine.ParseResult _ = line.parseArgs(arguments);
    } catch (ParameterException e) {
      throw new ParameterException(line, inNamesOfASession(WrongArgument.words(e)), e);
    }
    return drawing.options();
  }

  /** All settings, a line each. */
  List<String> lines() {
    return values.entrySet().stream()
        .map(each -> each.getKey() + "=" + quoted(each.getValue()))
        .toList();
  }

  private void set(String typed, String value) {
    String asTyped = typed.toLowerCase(Locale.ROOT).replace('-', '_');
    String name = ALIASES.getOrDefault(asTyped, asTyped);
    if (!names().contains(name)) {
      throw new ParameterException(
          new CommandLine(new Drawing()),
          typed + ": no such setting (expected: " + String.join(", ", names()) + ")");
    }
    if (value.isEmpty() || value.equalsIgnoreCase("none")) {
      values.remove(name);
    } else {
      values.put(name, value);
    }
  }

  private static String name(OptionSpec option) {
    return option.longestName().substring(2).replace('-', '_');
  }

  private static String inNamesOfASession(String words) {
    return words.startsWith("--")
        ? words.substring(2, words.indexOf(':')).replace('-', '_')
            + words.substring(words.indexOf(':'))
        : words;
  }

  private static String quoted(String value) {
    return value.contains(" ") ? '"' + value + '"' : value;
  }
}

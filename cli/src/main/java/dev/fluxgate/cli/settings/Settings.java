package dev.fluxgate.cli.settings;

import dev.fluxgate.cli.option.ConfigOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What options are set to where the command line does not say: by the environment, else by a file.
 * One run of the command line has one, used by its thread alone.
 */
public final class Settings implements IDefaultValueProvider {
  private static final String FILE_VARIABLE = "FLUXGATE_CONFIG";

  private final Map<String, String> environment;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private SettingsFile file = new SettingsFile(Map.of());
  private boolean read;
  private @Nullable InvalidSettingsException problem;

  /** Settings of {@code environment}; what is blank there counts as not set. */
  public Settings(Map<String, String> environment) {
    this.environment =
        environment.entrySet().stream()
            .filter(each -> !each.getValue().isBlank())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option ? value(argument.command(), option) : null;
  }

  /**
   * Checks that everything set is known.
   *
   * @throws InvalidSettingsException naming what is not, where it stands, and what may be meant
   */
  public void check(CommandSpec command) {
    if (Setting.hasSettings(command)) {
      read(command);
      if (problem != null) {
        throw problem;
      }
      requireKnown(command.root());
    }
  }

  /**
   * Whether a switch of {@code command} is on, for switches that picocli asks for in the name of
   * all commands.
   *
   * @throws InvalidSettingsException for anything but true and false
   */
  public boolean isOn(CommandSpec command, String option) {
    OptionSpec found = command.findOption(option);
    String value = found == null ? null : value(command, found);
    return switch (value == null ? "false" : value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new InvalidSettingsException(
              sources.get(option) + ": " + value + " (expected: true or false)");
    };
  }

  /** {@code complaint}, naming what it is about as it was set: an option, a variable, a key. */
  public String inWordsOfTheUser(String complaint) {
    int colon = complaint.indexOf(':');
    String source = colon < 0 ? null : sources.get(complaint.substring(0, colon));
    return source == null ? complaint : source + complaint.substring(colon);
  }

  private @Nullable String value(CommandSpec command, OptionSpec option) {
    if (!Setting.isOne(command, option)) {
      return null;
    }
    read(command);
    Setting setting = Setting.of(command, option);
    String ofEnvironment = environment.get(setting.variable());
    SettingsFile.Entry ofFile = file.entries().get(setting.key());
    if (ofEnvironment != null) {
      sources.put(option.longestName(), setting.variable());
      return ofEnvironment;
    }
    if (ofFile != null) {
      sources.put(option.longestName(), ofFile.place() + ": " + setting.key());
      return ofFile.value();
    }
    return null;
  }

  /** Once, by the first who asks: picocli drops what its providers throw. */
  private void read(CommandSpec command) {
    if (read) {
      return;
    }
    read = true;
    Path given = command.findOption(ConfigOption.NAME).getValue();
    String variable = environment.get(FILE_VARIABLE);
    Path path = given != null || variable == null ? given : Path.of(variable);
    if (path != null) {
      try {
        file = SettingsFile.read(path);
      } catch (InvalidSettingsException e) {
        problem = e;
      }
    }
  }

  private void requireKnown(CommandSpec root) {
    List<Setting> known = Setting.all(root);
    List<String> keys = known.stream().map(Setting::key).toList();
    file.entries()
        .forEach((key, entry) -> {
          if (!keys.contains(key)) {
            throw unknown(entry.place() + ": " + key, NearestName.of(key, keys));
          }
        });
    List<String> variables = known.stream().map(Setting::variable).toList();
    List<String> prefixes =
        keys.stream()
            .filter(key -> key.indexOf('.') > 0)
            .map(key -> "FLUXGATE_" + key.replaceFirst("\\..*", "_").toUpperCase(Locale.ROOT))
            .distinct()
            .toList();
    environment.keySet().stream()
        .sorted()
        .filter(name -> prefixes.stream().anyMatch(name::startsWith) && !variables.contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw unknown(name, NearestName.of(name, variables));
        });
  }

  private static InvalidSettingsException unknown(String name, String nearest) {
    return new InvalidSettingsException(
        name + ": no such setting (expected: " + nearest + ", or another of docs/settings.md)");
  }
}

package dev.fluxgate.cli.settings;

import dev.fluxgate.cli.option.ConfigOption;
import dev.fluxgate.cli.option.ServerOption;
import dev.fluxgate.cli.option.ServiceCommand;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option that can also be set by a file or a variable.
 *
 * @param key in a file, "gateway.http-port"
 * @param variable in the environment, "FLUXGATE_GATEWAY_HTTP_PORT"
 * @param option on the command line
 */
record Setting(String key, String variable, OptionSpec option) {
  private static final List<String> NEVER = List.of("--help", "--version", ConfigOption.NAME);

  /** All of them, in the order of the commands. */
  static List<Setting> all(CommandSpec root) {
    Stream<Setting> services =
        root.subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(Setting::isService)
            .flatMap(command ->
                command.options().stream().filter(Setting::canBeSet).map(o -> of(command, o)));
    Stream<Setting> server =
        root.subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(command -> !isService(command) && hasSettings(command))
            .map(command -> of(command, command.findOption(ServerOption.NAME)))
            .limit(1);
    return Stream.concat(services, server).toList();
  }

  /** Whether a command takes any of its options from elsewhere. */
  static boolean hasSettings(CommandSpec command) {
    return command.findOption(ConfigOption.NAME) != null;
  }

  /** Whether {@code option} of {@code command} is one. */
  static boolean isOne(CommandSpec command, OptionSpec option) {
    return hasSettings(command)
        && canBeSet(option)
        && (isService(command) || option.longestName().equals(ServerOption.NAME));
  }

  /** The setting behind {@code option}; that of the server belongs to no command. */
  static Setting of(CommandSpec command, OptionSpec option) {
    String name = option.longestName().replaceFirst("^-+", "");
    String key =
        option.longestName().equals(ServerOption.NAME) ? name : command.name() + "." + name;
    String variable = "FLUXGATE_" + key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    return new Setting(key, variable, option);
  }

  private static boolean isService(CommandSpec command) {
    return command.userObject() instanceof ServiceCommand;
  }

  private static boolean canBeSet(OptionSpec option) {
    return !option.hidden() && !NEVER.contains(option.longestName());
  }
}

package dev.fluxgate.cli.option;

import dev.fluxgate.cli.failure.ErrorLine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with an argument, said as everywhere: the value, and what was expected. */
public final class WrongArgument {
  private static final Map<Class<?>, String> EXPECTED =
      Map.of(
          int.class,
          "a whole number of at most " + Integer.MAX_VALUE,
          Integer.class,
          "a whole number of at most " + Integer.MAX_VALUE,
          Long.class,
          "a whole number of " + Long.MIN_VALUE + ".." + Long.MAX_VALUE,
          Float.class,
          "a number such as 3.5",
          boolean.class,
          "true or false",
          Port.class,
          Port.EXPECTED,
          HostPort.class,
          HostPort.EXPECTED,
          ServerAddress.class,
          ServerAddress.EXPECTED,
          ByteSize.class,
          ByteSize.EXPECTED);

  private WrongArgument() {}

  /** On one line. */
  public static String words(ParameterException e) {
    ArgSpec argument = e.getArgSpec();
    return switch (e) {
      case UnmatchedArgumentException unmatched -> unknown(unmatched);
      case MissingParameterException missing when !missing.getMissing().isEmpty() ->
          missing(missing, missing.getMissing().getFirst());
      case OverwrittenOptionException twice ->
          name(twice.getOverwritten()) + ": given more than once (expected: once)";
      case ParameterException _
          when argument != null && e.getValue() != null && isExplained(type(argument)) ->
          name(argument) + ": " + quoted(e.getValue()) + " (expected: " + expected(argument) + ")";
      default -> ErrorLine.of(e);
    };
  }

  private static String unknown(UnmatchedArgumentException e) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    String word = e.getUnmatched().getFirst();
    if (e.isUnknownOption()) {
      return word + ": no such option (expected: " + options(e.getSuggestions()) + ")";
    }
    if (!spec.subcommands().isEmpty()) {
      return word + " (expected: one of " + commands(spec) + ")";
    }
    List<PositionalParamSpec> positional = spec.positionalParameters();
    String expected =
        positional.isEmpty()
            ? "nothing"
            : "one " + positional.getFirst().paramLabel() + "; what has spaces goes in quotes";
    return "one argument too many: " + word + " (expected: " + expected + ")";
  }

  /** The names of the commands below {@code spec}, without the hidden ones. */
  public static String commands(CommandSpec spec) {
    return spec.subcommands().entrySet().stream()
        .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
        .map(entry -> entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static String options(List<String> similar) {
    return similar.isEmpty()
        ? "one that --help lists"
        : String.join(" or ", similar) + "; --help lists all";
  }

  private static String missing(MissingParameterException e, ArgSpec argument) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    return argument instanceof OptionSpec option
        ? name(option) + ": no value (expected: " + name(option) + " " + label(option) + ")"
        : label(argument) + ": missing (expected: " + command + " " + label(argument) + ")";
  }

  private static boolean isExplained(Class<?> type) {
    return EXPECTED.containsKey(type) || type.isEnum();
  }

  private static String expected(ArgSpec argument) {
    Class<?> type = type(argument);
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(Object::toString)
          .collect(Collectors.joining(", "));
    }
    return argument.isMultiValue() && type == Integer.class
        ? "whole numbers separated by commas"
        : EXPECTED.getOrDefault(type, "another value");
  }

  private static Class<?> type(ArgSpec argument) {
    return argument.isMultiValue() ? argument.auxiliaryTypes()[0] : argument.type();
  }

  private static String quoted(String value) {
    return value.isBlank() ? '"' + value + '"' : value;
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : label(argument);
  }

  private static String label(ArgSpec argument) {
    return argument.paramLabel();
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.cli.generate.CancelledException;
import dev.fluxgate.cli.generate.RequestRefusedException;
import dev.fluxgate.cli.terminal.IoReason;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** An error as one line on stderr; the stack trace only with {@code --verbose}. */
final class Complaint {
  private Complaint() {}

  /** Tells what is wrong with the arguments. */
  static int ofArguments(ParameterException e, String[] args) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    print(e.getCommandLine().getErr(), spec.qualifiedName(), WrongArgument.words(e));
    return ExitCode.USAGE;
  }

  /** Tells why a command could not be done. */
  static int ofExecution(Exception e, CommandLine command, ParseResult result) {
    if (e instanceof CancelledException) {
      return ExitCode.FAILED;
    }
    print(command.getErr(), command.getCommandSpec().qualifiedName(), line(e));
    if (command.getCommandSpec().root().userObject() instanceof FluxgateCommand root
        && root.isVerbose()) {
      e.printStackTrace(command.getErr());
    }
    return e instanceof RequestRefusedException ? ExitCode.USAGE : ExitCode.FAILED;
  }

  /** The names of the commands below {@code spec}, without the hidden ones. */
  static String commands(CommandSpec spec) {
    return spec.subcommands().entrySet().stream()
        .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
        .map(entry -> entry.getKey())
        .collect(Collectors.joining(", "));
  }

  /** What {@code e} says, on one line. */
  static String line(Exception e) {
    String message =
        e instanceof IOException io
            ? IoReason.withFile(io)
            : Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    return message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static void print(PrintWriter err, String command, String message) {
    err.println(command + ": " + message);
    err.flush();
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.cli.failure.CancelledException;
import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.WrongArgument;
import dev.fluxgate.cli.settings.InvalidSettingsException;
import dev.fluxgate.cli.settings.Settings;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** An error as one line on stderr; the stack trace only with {@code --verbose}. */
final class Complaint {
  private final Settings settings;

  /** Complains about arguments, and about {@code settings} where those gave them. */
  Complaint(Settings settings) {
    this.settings = settings;
  }

  /** Tells what is wrong with the arguments. */
  int ofArguments(ParameterException e, String[] args) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    print(e.getCommandLine().getErr(), spec, settings.inWordsOfTheUser(WrongArgument.words(e)));
    return ExitCode.USAGE;
  }

  /** Tells why a command could not be done. */
  int ofExecution(Exception e, CommandLine command, ParseResult result) {
    if (e instanceof CancelledException) {
      return ExitCode.FAILED;
    }
    print(command.getErr(), command.getCommandSpec(), ErrorLine.of(e));
    if (command.getCommandSpec().root().userObject() instanceof FluxgateCommand root
        && root.isVerbose()) {
      e.printStackTrace(command.getErr());
    }
    return e instanceof RequestRefusedException || e instanceof InvalidSettingsException
        ? ExitCode.USAGE
        : ExitCode.FAILED;
  }

  private static void print(PrintWriter err, CommandSpec command, String message) {
    err.println(command.qualifiedName() + ": " + message);
    err.flush();
  }
}

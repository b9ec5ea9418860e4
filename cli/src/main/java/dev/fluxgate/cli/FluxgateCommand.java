package dev.fluxgate.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What stands above the commands: help, version, exit codes. */
@Command(
    name = "fluxgate",
    description = "Draws pictures from prompts with FLUX.2 models.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:it could not be done: a file, the model, the machine",
      "2:what was asked for is wrong or beyond the model"
    },
    subcommands = {
      GenerateCommand.class,
      InspectCommand.class,
      DoctorCommand.class,
      GoldenCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    })
final class FluxgateCommand implements Runnable {
  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show the log, and where an error comes from.")
  private boolean verbose;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Whether the user wants to see stack traces. */
  boolean isVerbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command (expected: " + Complaint.commands(spec) + ")");
  }
}

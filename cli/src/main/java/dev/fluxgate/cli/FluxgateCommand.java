package dev.fluxgate.cli;

import dev.fluxgate.cli.bench.BenchCommand;
import dev.fluxgate.cli.client.JobsCommand;
import dev.fluxgate.cli.client.ModelsCommand;
import dev.fluxgate.cli.generate.GenerateCommand;
import dev.fluxgate.cli.kernels.KernelsCommand;
import dev.fluxgate.cli.option.WrongArgument;
import dev.fluxgate.cli.selftest.SelftestCommand;
import dev.fluxgate.cli.service.DenoiserCommand;
import dev.fluxgate.cli.service.EncoderCommand;
import dev.fluxgate.cli.service.GatewayCommand;
import dev.fluxgate.cli.session.SessionCommand;
import dev.fluxgate.cli.settings.SettingsPageCommand;
import dev.fluxgate.cli.up.UpCommand;
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
    description = "Draws pictures from prompts with FLUX.2 and FLUX.1 models.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, or stopped by a signal as a service is",
      "1:it could not be done: a file, the model, the machine",
      "2:what was asked for is wrong or beyond the model"
    },
    subcommands = {
      GenerateCommand.class,
      SessionCommand.class,
      UpCommand.class,
      EncoderCommand.class,
      GatewayCommand.class,
      DenoiserCommand.class,
      JobsCommand.class,
      ModelsCommand.class,
      InspectCommand.class,
      DoctorCommand.class,
      GoldenCommand.class,
      SelftestCommand.class,
      BenchCommand.class,
      KernelsCommand.class,
      CompletionCommand.class,
      SettingsPageCommand.class,
      HelpCommand.class
    })
final class FluxgateCommand implements Runnable {
  @Option(
      names = "--verbose",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show more of the log, and where an error comes from.")
  private boolean verbose;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Whether the user wants to see stack traces. */
  boolean isVerbose() {
    return verbose;
  }

  /** As if {@code --verbose} had been given. */
  void beVerbose() {
    verbose = true;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command (expected: " + WrongArgument.commands(spec) + ")");
  }
}

package dev.fluxgate.cli.client;

import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Above the commands about jobs. */
@Command(
    name = "jobs",
    description = "Lists, shows, watches, cancels and fetches the jobs of a gateway.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      JobsListCommand.class,
      JobsShowCommand.class,
      JobsWatchCommand.class,
      JobsCancelCommand.class,
      JobsDownloadCommand.class
    })
public final class JobsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    String known = spec.subcommands().keySet().stream().collect(Collectors.joining(", "));
    throw new ParameterException(spec.commandLine(), "no command (expected: " + known + ")");
  }
}

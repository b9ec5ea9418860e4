package dev.fluxgate.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the completion script of bash and zsh. */
@Command(
    name = "completion",
    description = "Prints a script for bash and zsh: eval \"$(fluxgate completion)\".")
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().getOut().println(AutoComplete.bash("fluxgate", spec.root().commandLine()));
    spec.commandLine().getOut().flush();
  }
}

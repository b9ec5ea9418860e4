package dev.fluxgate.cli.client;

import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.ServerOption;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.PlainText;
import dev.fluxgate.v1.Job;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks jobs to stop. */
@Command(name = "cancel", description = "Asks jobs to stop.", sortOptions = false)
final class JobsCancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "1..*", paramLabel = "ID", description = "Jobs, as jobs list tells them.")
  private List<String> ids = List.of();

  @Mixin private ServerOption server = new ServerOption();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (ImageGenerationClient client = ImageGenerationClient.dial(server.address().target())) {
      for (String id : ids) {
        Job job = client.cancel(id);
        out.println(
            PlainText.line(job.getId())
                + ": "
                + (JobWords.hasEnded(job) ? JobWords.of(job.getState()) : "stops within a step"));
        out.flush();
      }
    }
    return ExitCode.OK;
  }
}

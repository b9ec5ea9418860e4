package dev.fluxgate.cli.client;

import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.v1.Job;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints all that is known of a job. */
@Command(name = "show", description = "Tells all that is known of a job.", sortOptions = false)
final class JobsShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JobOptions options = new JobOptions();

  @Option(names = "--json", description = "Print it on one line, as proto3 JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (ImageGenerationClient client = options.dial()) {
      Job job = client.get(options.id());
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(Texts.json(job));
        out.flush();
      } else {
        JobDetails.print(job, out);
      }
    }
    return ExitCode.OK;
  }
}

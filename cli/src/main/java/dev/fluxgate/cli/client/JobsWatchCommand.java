package dev.fluxgate.cli.client;

import dev.fluxgate.cli.job.JobObserver;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.PlainText;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Follows a job to its end. */
@Command(
    name = "watch",
    description = "Follows a job to its end; exit code 0 if it succeeded.",
    sortOptions = false)
final class JobsWatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JobOptions options = new JobOptions();

  @Option(names = "--json", description = "Print every change on a line, as proto3 JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Progress progress = Progress.on(spec.commandLine().getErr(), Terminals.isStderr(), json);
    JobObserver observer =
        json ? job -> print(out, Texts.json(job)) : job -> JobWords.show(job, progress);
    try (ImageGenerationClient client = options.dial()) {
      Job ended = client.watch(options.id(), false, observer);
      progress.close();
      if (!json) {
        print(out, words(ended));
      }
      return ended.getState() == JobState.JOB_STATE_SUCCEEDED ? ExitCode.OK : ExitCode.FAILED;
    } finally {
      progress.close();
    }
  }

  private static void print(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private static String words(Job ended) {
    if (ended.getState() == JobState.JOB_STATE_SUCCEEDED) {
      int images = ended.getImagesCount();
      return "succeeded: "
          + (images == 1 ? "1 picture " : images + " pictures ")
          + (images == 0 ? "" : JobWords.summary(ended, ended.getImages(0)));
    }
    String state = JobWords.of(ended.getState());
    return ended.hasError() ? state + ": " + PlainText.line(JobWords.whyNot(ended)) : state;
  }
}

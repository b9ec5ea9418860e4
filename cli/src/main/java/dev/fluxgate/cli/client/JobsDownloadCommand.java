package dev.fluxgate.cli.client;

import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.picture.PictureFile;
import dev.fluxgate.cli.picture.PictureNames;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.v1.Job;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fetches the pictures of a job. */
@Command(
    name = "download",
    description = "Fetches the pictures of a job that succeeded.",
    sortOptions = false)
final class JobsDownloadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JobOptions options = new JobOptions();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the picture goes, a file or a folder. Default: from the prompt.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    try (ImageGenerationClient client = options.dial()) {
      Job job = client.get(options.id());
      if (job.getImagesCount() == 0) {
        throw new GenerationFailedException(
            "job "
                + options.id()
                + ": "
                + JobWords.of(job.getState())
                + ", without pictures (expected: one that succeeded)");
      }
      PictureNames names =
          PictureNames.of(
              out,
              PictureNames.extension(job.getImages(0).getMediaType()),
              job.getParameters().getPrompt(),
              job.getImagesCount());
      names.check();
      PrintWriter stdout = spec.commandLine().getOut();
      for (int i = 0; i < names.count(); i++) {
        PictureFile.write(names.file(i), client.download(job.getId(), job.getImages(i)));
        stdout.println("wrote " + names.file(i) + " " + JobWords.summary(job, job.getImages(i)));
      }
      stdout.flush();
    }
    return ExitCode.OK;
  }
}

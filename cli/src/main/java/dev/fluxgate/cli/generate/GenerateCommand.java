package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.cli.picture.PictureFile;
import dev.fluxgate.cli.picture.PictureNames;
import dev.fluxgate.cli.picture.PreviewScreen;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Draws pictures: in one process with encoder, gateway and worker, over gRPC on this machine, or at
 * a server.
 */
@Command(
    name = "generate",
    description = "Draws pictures from a prompt.",
    sortOptions = false,
    footerHeading = "%nWithout --model:%n",
    footer = {
      "  The embedded toy model draws, as a demonstration: coloured shapes on a",
      "  coloured background, such as \"a large red circle on a white background\".",
      "  For real pictures give a folder of FLUX.2 as diffusers saves it, with",
      "  model_index.json in it."
    })
public final class GenerateCommand implements Callable<Integer> {
  private static final Range TIMEOUT = new Range(1, 30 * 86_400);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "PROMPT", description = "What the picture shows.")
  private String prompt = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the picture goes, a .png file or a folder. Default: from the prompt.")
  private @Nullable Path out;

  @Mixin private PlaceOptions place = new PlaceOptions();
  @Mixin private DrawingOptions drawing = new DrawingOptions();
  @Mixin private PreviewOption preview = new PreviewOption();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "From acceptance until the job expires. Default: as long as it takes.")
  private @Nullable Integer timeout;

  @Option(names = "--quiet", description = "Print nothing but the names of the files.")
  private boolean quiet;

  @Override
  public Integer call() throws InterruptedException {
    if (prompt.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "PROMPT: \"" + prompt + "\" (expected: what the picture shows)");
    }
    if (timeout != null) {
      int _ = TIMEOUT.check(spec, "--timeout", timeout);
    }
    GenerationParameters parameters =
        drawing.parameters(prompt).toBuilder().setModel(place.modelName()).build();
    PictureNames names = PictureNames.of(out, prompt, drawing.numImages());
    for (int i = 0; i < names.count(); i++) {
      PictureFile.check(names.file(i));
    }
    Progress progress = Progress.on(err(), Terminals.isStderr(), quiet);
    try (Interruption interruption = Interruption.watch(() -> tellCancelled(progress))) {
      draw(parameters, names, progress, interruption);
    } finally {
      progress.close();
    }
    return ExitCode.OK;
  }

  private void draw(
      GenerationParameters parameters,
      PictureNames names,
      Progress progress,
      Interruption interruption)
      throws InterruptedException {
    PreviewScreen screen = preview.screen(names, progress, quiet);
    try (DrawingPlace drawer = place.open(progress);
        ImageGenerationClient client = ImageGenerationClient.dial(drawer.target())) {
      Job accepted = accept(client, preview.asking(client, parameters));
      interruption.cancelWith(() -> client.cancel(accepted.getId()));
      Job job =
          JobWords.succeeded(
              client.watch(
                  accepted.getId(),
                  preview.isWanted(),
                  PreviewOption.observer(progress, screen, names.count(), err())));
      progress.close();
      save(client, job, names);
      remark(job);
    } finally {
      for (int i = 0; i < names.count(); i++) {
        screen.clear(i);
      }
    }
  }

  private Job accept(ImageGenerationClient client, GenerationParameters parameters) {
    try {
      return client.create(parameters, timeout == null ? null : Duration.ofSeconds(timeout));
    } catch (RequestRefusedException e) {
      throw new RequestRefusedException(DrawingOptions.namingOptions(ErrorLine.of(e)), e);
    }
  }

  private void tellCancelled(Progress progress) {
    progress.close();
    err().println(spec.qualifiedName() + ": cancelled");
    err().flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private void save(ImageGenerationClient client, Job job, PictureNames names) {
    PrintWriter stdout = spec.commandLine().getOut();
    for (ImageInfo image : job.getImagesList()) {
      if (image.getIndex() < 0 || image.getIndex() >= names.count()) {
        throw new GenerationFailedException(
            "picture " + image.getIndex() + " (expected: 0.." + (names.count() - 1) + ")");
      }
      Path file = names.file(image.getIndex());
      PictureFile.write(file, client.download(job.getId(), image));
      stdout.println(
          quiet ? file.toString() : "wrote " + file + " " + JobWords.summary(job, image));
    }
    stdout.flush();
  }

  private void remark(Job job) {
    if (quiet) {
      return;
    }
    if (job.getPromptTruncated()) {
      err()
          .println(
              "the prompt has more than "
                  + job.getParameters().getMaxSequenceLength()
                  + " tokens and lost its end (--max-sequence-length sets how many are read)");
    }
    if (place.isDemonstration()) {
      err()
          .println(
              "drawn by the embedded toy model, a demonstration that knows coloured shapes only;"
                  + " for real pictures: --model DIR, a FLUX.2 folder as diffusers saves it");
    }
    err().flush();
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.cli.generate.CancelledException;
import dev.fluxgate.cli.generate.GenerationFailedException;
import dev.fluxgate.cli.generate.Interruption;
import dev.fluxgate.cli.generate.PictureFile;
import dev.fluxgate.cli.generate.PictureNames;
import dev.fluxgate.cli.generate.RequestRefusedException;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws pictures in one process: encoder, gateway and worker, over gRPC on this machine. */
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
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "PROMPT", description = "What the picture shows.")
  private String prompt = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the picture goes, a .png file or a folder. Default: from the prompt.")
  private @Nullable Path out;

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private DrawingOptions drawing = new DrawingOptions();

  @Option(names = "--quiet", description = "Print nothing but the names of the files.")
  private boolean quiet;

  @Override
  public Integer call() throws InterruptedException {
    if (prompt.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "PROMPT: \"" + prompt + "\" (expected: what the picture shows)");
    }
    PictureNames names = PictureNames.of(out, prompt, drawing.numImages());
    for (int i = 0; i < names.count(); i++) {
      PictureFile.check(names.file(i));
    }
    Progress progress = Progress.on(err(), Boolean.getBoolean("fluxgate.terminal"), quiet);
    try (Interruption interruption = Interruption.watch(() -> tellCancelled(progress))) {
      draw(names, progress, interruption);
    } finally {
      progress.close();
    }
    return ExitCode.OK;
  }

  private void draw(PictureNames names, Progress progress, Interruption interruption)
      throws InterruptedException {
    ModelFolder folder = model.folder();
    progress.stage("loading " + folder.path());
    try (LocalSystem system = LocalSystem.start(folder.path(), model.dtype(), model.device());
        ImageGenerationClient client = ImageGenerationClient.dial(system.target())) {
      Job accepted = accept(client);
      interruption.cancelWith(() -> client.cancel(accepted.getId()));
      Job job = succeeded(client.watch(accepted.getId(), each -> show(each, progress)));
      progress.close();
      save(client, job, names);
      remark(folder, job);
    }
  }

  private Job accept(ImageGenerationClient client) {
    try {
      return client.create(drawing.parameters(prompt));
    } catch (RequestRefusedException e) {
      throw new RequestRefusedException(DrawingOptions.namingOptions(Complaint.line(e)), e);
    }
  }

  private static Job succeeded(Job ended) {
    return switch (ended.getState()) {
      case JOB_STATE_SUCCEEDED -> ended;
      case JOB_STATE_CANCELLED -> throw new CancelledException();
      default -> {
        String reason = ended.getError().getMessage();
        throw new GenerationFailedException(
            reason.isEmpty() ? "the job ended as " + word(ended.getState()) : reason);
      }
    };
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
      Path file = names.file(image.getIndex());
      PictureFile.write(file, client.download(job.getId(), image));
      stdout.println(quiet ? file.toString() : "wrote " + file + summary(job, image));
    }
    stdout.flush();
  }

  private static String summary(Job job, ImageInfo image) {
    GenerationParameters used = job.getParameters();
    int steps = used.getNumInferenceSteps();
    return String.format(
        Locale.ROOT,
        " (%d x %d, seed %d, %d %s; encoded in %.2f s, denoised in %.2f s, decoded in %.2f s)",
        image.getWidth(),
        image.getHeight(),
        used.getSeed(),
        steps,
        steps == 1 ? "step" : "steps",
        job.getTimings().getEncodeMillis() / 1e3,
        job.getTimings().getDenoiseMillis() / 1e3,
        job.getTimings().getDecodeMillis() / 1e3);
  }

  private void remark(ModelFolder folder, Job job) {
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
    if (folder.isDemonstration()) {
      err()
          .println(
              "drawn by the embedded toy model, a demonstration that knows coloured shapes only;"
                  + " for real pictures: --model DIR, a FLUX.2 folder as diffusers saves it");
    }
    err().flush();
  }

  private static void show(Job job, Progress progress) {
    switch (job.getStage()) {
      case JOB_STAGE_ENCODING -> progress.stage("encoding the prompt");
      case JOB_STAGE_WAITING -> progress.stage("waiting for the worker");
      case JOB_STAGE_DENOISING -> progress.step(job.getStep(), job.getTotalSteps());
      case JOB_STAGE_DECODING -> progress.stage("decoding");
      case JOB_STAGE_UNSPECIFIED, UNRECOGNIZED -> {
        // A stage of a newer gateway: nothing to say.
      }
    }
  }

  private static String word(JobState state) {
    return state.name().replace("JOB_STATE_", "").toLowerCase(Locale.ROOT);
  }
}

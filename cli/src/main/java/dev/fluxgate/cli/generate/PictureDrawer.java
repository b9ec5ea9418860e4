package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.picture.PictureFile;
import dev.fluxgate.cli.picture.PictureNames;
import dev.fluxgate.cli.picture.PreviewScreen;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.PlainText;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Has a gateway draw, shows how it goes, and writes the files: once, or one job after the other.
 */
public final class PictureDrawer {
  /** Reasons of a worker that blames the request. */
  private static final Set<String> REFUSALS = Set.of("INVALID_REQUEST", "MALFORMED_IMAGE");

  private final ImageGenerationClient client;
  private final PreviewOption preview;
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean quiet;

  /**
   * Draws at {@code client}.
   *
   * @param out takes a line for every file
   * @param err takes remarks
   * @param quiet whether nothing but the names of the files is told
   */
  public PictureDrawer(
      ImageGenerationClient client,
      PreviewOption preview,
      PrintWriter out,
      PrintWriter err,
      boolean quiet) {
    this.client = client;
    this.preview = preview;
    this.out = out;
    this.err = err;
    this.quiet = quiet;
  }

  /**
   * Draws one job and writes its pictures.
   *
   * @param progress closed before the files are told
   * @param accepted takes what cancels the job, once there is one
   * @throws RequestRefusedException if it can never be drawn
   * @throws GenerationFailedException if it ended without pictures
   */
  public Job draw(PictureOrder order, Progress progress, Consumer<Runnable> accepted)
      throws InterruptedException {
    PictureNames names = order.names();
    PreviewScreen screen = preview.screen(names, progress, quiet);
    try {
      Job queued = accept(order);
      accepted.accept(() -> client.cancel(queued.getId()));
      Job job =
          succeeded(
              client.watch(
                  queued.getId(),
                  preview.isWanted(),
                  PreviewOption.observer(progress, screen, names.count(), err)),
              order);
      progress.close();
      save(job, names);
      remark(job);
      return job;
    } finally {
      for (int i = 0; i < names.count(); i++) {
        screen.clear(i);
      }
    }
  }

  private Job accept(PictureOrder order) {
    try {
      GenerationParameters parameters =
          order.inputs().addTo(preview.asking(client, order.parameters()), client.uploads());
      return client.create(parameters, order.timeout());
    } catch (RequestRefusedException e) {
      throw new RequestRefusedException(refusal(ErrorLine.of(e), order), e);
    }
  }

  /** What only a worker can see in a request is refused like all else that is wrong in it. */
  private static Job succeeded(Job ended, PictureOrder order) {
    if (ended.getState() == JobState.JOB_STATE_FAILED
        && REFUSALS.contains(ended.getError().getReason())) {
      throw new RequestRefusedException(refusal(JobWords.whyNot(ended), order));
    }
    return JobWords.succeeded(ended);
  }

  private static String refusal(String message, PictureOrder order) {
    return DrawingOptions.namingOptions(message, order.inputs());
  }

  private void save(Job job, PictureNames names) {
    for (ImageInfo image : job.getImagesList()) {
      if (image.getIndex() < 0 || image.getIndex() >= names.count()) {
        throw new GenerationFailedException(
            "picture " + image.getIndex() + " (expected: 0.." + (names.count() - 1) + ")");
      }
      Path file = names.file(image.getIndex());
      PictureFile.write(file, client.download(job.getId(), image));
      out.println(quiet ? file.toString() : "wrote " + file + " " + JobWords.summary(job, image));
    }
    out.flush();
  }

  private void remark(Job job) {
    if (!quiet && !job.getUpsampledPrompt().isEmpty()) {
      err.println("drawn from: " + PlainText.line(job.getUpsampledPrompt()));
      err.flush();
    }
    if (!quiet && job.getPromptTruncated()) {
      err.println(
          "the prompt has more than "
              + job.getParameters().getMaxSequenceLength()
              + " tokens and lost its end (--max-sequence-length sets how many are read)");
      err.flush();
    }
  }
}

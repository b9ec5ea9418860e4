package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.job.JobObserver;
import dev.fluxgate.cli.job.JobWords;
import dev.fluxgate.cli.picture.PictureNames;
import dev.fluxgate.cli.picture.PreviewScreen;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.Model;
import dev.fluxgate.v1.Preview;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Whether pictures are shown while they come about, and how. */
public final class PreviewOption {
  /** About as many as a person looks at. */
  private static final int PREVIEWS = 8;

  /** Of the models that are known, those that say nothing draw with that many. */
  private static final int USUAL_STEPS = 50;

  @Option(
      names = "--preview",
      description =
          "Show the picture while it comes about: on a terminal, else in NAME-preview.png.")
  private boolean wanted;

  /** Whether they are. */
  boolean isWanted() {
    return wanted;
  }

  /** Where they are seen. */
  PreviewScreen screen(PictureNames names, Progress progress, boolean quiet) {
    if (!wanted) {
      return PreviewScreen.none();
    }
    return !quiet && Terminals.hasColour(Terminals.isStderr())
        ? PreviewScreen.above(progress)
        : PreviewScreen.beside(names);
  }

  /** {@code parameters} that ask for a few previews. */
  GenerationParameters asking(ImageGenerationClient client, GenerationParameters parameters) {
    if (!wanted) {
      return parameters;
    }
    int steps =
        parameters.hasNumInferenceSteps()
            ? parameters.getNumInferenceSteps()
            : usualSteps(client, parameters.getModel());
    int interval = Math.max(1, Math.ceilDiv(steps, PREVIEWS));
    return parameters.toBuilder().setPreviewInterval(interval).build();
  }

  private static int usualSteps(ImageGenerationClient client, String model) {
    try {
      return client.models().stream()
          .filter(each -> model.isEmpty() || each.getId().equals(model))
          .mapToInt(Model::getDefaultNumInferenceSteps)
          .filter(steps -> steps > 0)
          .findFirst()
          .orElse(USUAL_STEPS);
    } catch (GenerationFailedException _) {
      // The job itself will tell what is wrong with the server.
      return USUAL_STEPS;
    }
  }

  /** Shows a job on both; a preview that is no picture is not worth the job. */
  static JobObserver observer(Progress progress, PreviewScreen screen, int count, PrintWriter err) {
    return new JobObserver() {
      private boolean complained;

      @Override
      public void changed(Job job) {
        JobWords.show(job, progress);
      }

      @Override
      public void previewed(Preview preview) {
        try {
          if (preview.getIndex() >= 0 && preview.getIndex() < count) {
            screen.show(preview.getIndex(), preview.getData().toByteArray());
          }
        } catch (MalformedImageException e) {
          if (!complained) {
            complained = true;
            err.println(ErrorLine.of(e));
            err.flush();
          }
        }
      }
    };
  }
}

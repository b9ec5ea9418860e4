package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.v1.Job;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      "  For real pictures give a folder of FLUX as diffusers saves it, with",
      "  model_index.json in it."
    })
public final class GenerateCommand implements Callable<Integer> {
  private static final Range TIMEOUT = new Range(1, 30 * 86_400);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..1", paramLabel = "PROMPT", description = "What the picture shows.")
  private @Nullable String prompt;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "Draw every line of this file, one after the other, in place of PROMPT.")
  private @Nullable Path prompts;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Where the picture goes, a .png, .jpg or .webp file or a folder. Default: from the"
              + " prompt.")
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
    Duration patience =
        timeout == null ? null : Duration.ofSeconds(TIMEOUT.check(spec, "--timeout", timeout));
    String model = place.modelName();
    List<String> wanted = PromptLines.of(spec, prompt, prompts, out);
    // Whatever is wrong with the first is told before a model is loaded.
    PictureOrder first = PictureOrder.of(drawing, wanted.getFirst(), model, out, patience);
    Progress progress = Progress.on(err(), Terminals.isStderr(), quiet);
    try (Interruption interruption = Interruption.watch(() -> tellCancelled(progress));
        DrawingPlace drawer = place.open(progress);
        ImageGenerationClient client = ImageGenerationClient.dial(drawer.target())) {
      PictureDrawer pictures =
          new PictureDrawer(client, preview, spec.commandLine().getOut(), err(), quiet);
      Job _ = pictures.draw(first, progress, interruption::cancelWith);
      for (String next : wanted.subList(1, wanted.size())) {
        try (Progress again = Progress.on(err(), Terminals.isStderr(), quiet)) {
          PictureOrder order = PictureOrder.of(drawing, next, model, out, patience);
          Job _ = pictures.draw(order, again, interruption::cancelWith);
        }
      }
    } finally {
      progress.close();
    }
    if (!quiet && place.isDemonstration()) {
      err().println(PlaceOptions.DEMONSTRATION);
      err().flush();
    }
    return ExitCode.OK;
  }

  private void tellCancelled(Progress progress) {
    progress.close();
    err().println(spec.qualifiedName() + ": cancelled");
    err().flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}

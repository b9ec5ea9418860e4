package dev.fluxgate.cli.session;

import dev.fluxgate.cli.failure.CancelledException;
import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.cli.generate.DrawingPlace;
import dev.fluxgate.cli.generate.PictureDrawer;
import dev.fluxgate.cli.generate.PictureOrder;
import dev.fluxgate.cli.generate.PlaceOptions;
import dev.fluxgate.cli.generate.PreviewOption;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.rpc.ImageGenerationClient;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.cli.terminal.Terminals;
import dev.fluxgate.v1.Job;
import java.io.Console;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Draws prompt after prompt with the models kept loaded. */
@Command(
    name = "session",
    description = "Keeps the models loaded and draws what is typed, line by line.",
    sortOptions = false,
    footerHeading = "%nA line is%n",
    footer = {
      "  a prompt           draw it",
      "  name=value ...     draw with this from now on: steps=4 seed=7; name= forgets it",
      "  FILE ...           draw after these pictures from now on; image= forgets them",
      "  run, or nothing    draw again",
      "  show, reset        show the settings, forget them",
      "  help, quit         tell this, end",
      "Lines of a pipe are read the same way; then one that fails makes the exit code 1."
    })
public final class SessionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private PlaceOptions place = new PlaceOptions();
  @Mixin private PreviewOption preview = new PreviewOption();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where the pictures go. Default: here.")
  private Path out = Path.of("");

  private final SessionSettings settings = new SessionSettings();
  private boolean failed;

  @Override
  public Integer call() throws InterruptedException {
    String model = place.modelName();
    boolean typed = isTyped();
    Progress loading = Progress.on(err(), Terminals.isStderr(), false);
    try (DrawingPlace drawer = place.open(loading);
        ImageGenerationClient client = ImageGenerationClient.dial(drawer.target());
        LineSource lines =
            typed ? TerminalLines.open(history(), new SessionCompleter()) : stdin()) {
      loading.close();
      if (typed) {
        welcome();
      }
      PictureDrawer pictures =
          new PictureDrawer(client, preview, spec.commandLine().getOut(), err(), false);
      for (String line = lines.next(); line != null; line = lines.next()) {
        SessionLine said = SessionLine.parse(line);
        if (said instanceof SessionLine.Quit) {
          break;
        }
        obey(said, lines, new Place(pictures, model));
      }
    } finally {
      loading.close();
    }
    return failed && !typed ? ExitCode.FAILED : ExitCode.OK;
  }

  /** What draws, and with which model. */
  private record Place(PictureDrawer pictures, String model) {}

  private void obey(SessionLine said, LineSource lines, Place at) throws InterruptedException {
    try {
      switch (said) {
        case SessionLine.Draw() -> draw(lines, at);
        case SessionLine.Prompt(String text) -> {
          settings.setPrompt(text);
          draw(lines, at);
        }
        case SessionLine.Change change -> settings.set(change.values());
        case SessionLine.Pictures pictures -> settings.setPictures(pictures.files());
        case SessionLine.Show() -> settings.lines().forEach(this::tell);
        case SessionLine.Reset() -> settings.reset();
        case SessionLine.Help() -> help();
        case SessionLine.Quit() -> throw new IllegalStateException("quit (expected: seen before)");
      }
    } catch (CancelledException _) {
      tell("cancelled");
    } catch (ParameterException
        | RequestRefusedException
        | GenerationFailedException
        | UncheckedIOException e) {
      failed = true;
      tell(ErrorLine.of(e));
    }
  }

  private void draw(LineSource lines, Place at) throws InterruptedException {
    String prompt = settings.prompt();
    if (prompt.isBlank()) {
      throw new RequestRefusedException("prompt: none yet (expected: what the picture shows)");
    }
    PictureOrder order = PictureOrder.of(settings.options(), prompt, at.model(), out, null);
    Watches watches = new Watches(lines);
    try (Progress progress = Progress.on(err(), Terminals.isStderr(), false);
        watches) {
      Job _ = at.pictures().draw(order, progress, watches::cancelWith);
    }
  }

  /** The one watch of a job, from its acceptance on. */
  private static final class Watches implements AutoCloseable {
    private final LineSource lines;
    private LineSource.@Nullable Watch watch;

    Watches(LineSource lines) {
      this.lines = lines;
    }

    void cancelWith(Runnable cancel) {
      watch = lines.watch(cancel);
    }

    @Override
    public void close() {
      if (watch != null) {
        watch.close();
      }
    }
  }

  private void welcome() {
    if (place.isDemonstration()) {
      tell(PlaceOptions.DEMONSTRATION);
    }
    tell("type a prompt, or help");
  }

  private void help() {
    for (String line : spec.usageMessage().footer()) {
      tell(line);
    }
    tell("names: " + String.join(", ", SessionSettings.names()));
  }

  private void tell(String line) {
    err().println(line);
    err().flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private static LineSource stdin() {
    return new StreamLines(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  }

  private static boolean isTyped() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /** Where desktop systems keep what a program remembers. */
  private static Path history() {
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return folder.resolve("fluxgate").resolve("session-history");
  }
}

package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.option.DeviceOption;
import dev.fluxgate.cli.option.Installation;
import dev.fluxgate.cli.option.ServerAddress;
import dev.fluxgate.cli.option.TypeOption;
import dev.fluxgate.cli.terminal.Progress;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where to draw, and with which model: in this process, or at a server. */
public final class PlaceOptions {
  /** What the embedded toy is, for those who expect a picture of a cat. */
  public static final String DEMONSTRATION =
      "drawn by the embedded toy model, a demonstration that knows coloured shapes only;"
          + " for real pictures: --model DIR, a FLUX folder as diffusers saves it";

  private static final List<String> LOCAL = List.of("--dtype", "--device");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Folder of a FLUX.2 or FLUX.1 model; with --server, the name of one of the server's models."
              + " Default: the embedded toy, or the server's default.")
  private @Nullable String model;

  @Mixin private TypeOption type = new TypeOption();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--server",
      paramLabel = "URL",
      description =
          "Let this gateway draw: http://HOST:PORT or HOST:PORT. Default: draw in this process.")
  private @Nullable ServerAddress server;

  /**
   * The name to ask for; empty for the default, and where only one model is.
   *
   * @throws ParameterException for options that say how this process shall draw, if it shall not
   */
  public String modelName() {
    if (server == null) {
      return "";
    }
    for (String option : LOCAL) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            spec.commandLine(),
            option
                + ": given with --server (expected: one of them; the server has chosen its own)");
      }
    }
    if (model != null && !model.matches("[^/\\\\]+")) {
      throw new ParameterException(
          spec.commandLine(),
          "--model: "
              + model
              + " (expected: with --server, the name of a model; fluxgate models lists them)");
    }
    return model == null ? "" : model;
  }

  /** Whether the embedded toy draws, for want of another. */
  public boolean isDemonstration() {
    return server == null && folder().isDemonstration();
  }

  /**
   * Starts what draws, or finds it.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if a model cannot be loaded
   */
  public DrawingPlace open(Progress progress) throws InterruptedException {
    if (server != null) {
      progress.stage("asking " + server.address());
      return new DrawingPlace.Remote(server.address());
    }
    ModelFolder folder = folder();
    progress.stage("loading " + folder.path());
    return LocalSystem.start(folder.path(), type.dtype(), device.choice().label());
  }

  private ModelFolder folder() {
    return ModelFolder.open(model == null ? Installation.toyModel() : Path.of(model));
  }
}

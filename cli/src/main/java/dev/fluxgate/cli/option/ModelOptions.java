package dev.fluxgate.cli.option;

import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model a service of this machine loads, in which type, where. */
public final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of a FLUX.2 or FLUX.1 model. Default: the embedded toy.")
  private @Nullable Path folder;

  @Mixin private TypeOption type = new TypeOption();
  @Mixin private DeviceOption device = new DeviceOption();

  /** The folder, whatever is in it. */
  public Path path() {
    return folder == null ? Installation.toyModel() : folder;
  }

  /**
   * The model folder.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if it is none
   */
  public ModelFolder folder() {
    return ModelFolder.open(path());
  }

  /** What to compute in. */
  public DType dtype() {
    return type.dtype();
  }

  /** Name of the back end: "auto". */
  public String device() {
    return device.choice().label();
  }

  /** The same choice, as arguments of another command. */
  public List<String> arguments() {
    return List.of(
        "--model",
        path().toAbsolutePath().toString(),
        "--dtype",
        type.label(),
        "--device",
        device());
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which model draws, in which type, where. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Mixin private DeviceOption device = new DeviceOption();

  private DType dtype = DType.BF16;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of a FLUX.2 model. Default: the embedded toy.")
  private @Nullable Path folder;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "bfloat16",
      completionCandidates = Types.class,
      description = "Compute in bfloat16 or float32. Default: ${DEFAULT-VALUE}.")
  void chooseType(String name) {
    dtype =
        switch (name) {
          case "bfloat16" -> DType.BF16;
          case "float32" -> DType.F32;
          default ->
              throw new ParameterException(
                  spec.commandLine(), "--dtype: " + name + " (expected: bfloat16 or float32)");
        };
  }

  /** What a shell offers. */
  static final class Types implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("bfloat16", "float32").iterator();
    }
  }

  /**
   * The model folder.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if it is none
   */
  ModelFolder folder() {
    return ModelFolder.open(folder == null ? Installation.toyModel() : folder);
  }

  DType dtype() {
    return dtype;
  }

  DeviceOption device() {
    return device;
  }
}

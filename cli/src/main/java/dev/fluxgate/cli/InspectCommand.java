package dev.fluxgate.cli;

import dev.fluxgate.cli.inspect.CheckpointListing;
import dev.fluxgate.cli.inspect.ModelOverview;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.TypeOption;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what is in a checkpoint or a model folder. */
@Command(
    name = "inspect",
    description = {
      "Tells what is in a safetensors file, a component folder or a model folder:",
      "of a model its family, parameters, the memory of one picture, and what is missing."
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A .safetensors file, an index of shards, or a folder.")
  private Path path = Path.of("");

  @Option(
      names = "--width",
      paramLabel = "PIXELS",
      description = "Count the memory at this width. Default: the model's.")
  private int width;

  @Option(
      names = "--height",
      paramLabel = "PIXELS",
      description = "Count the memory at this height. Default: the model's.")
  private int height;

  @Mixin private TypeOption type = new TypeOption();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (Files.isRegularFile(path.resolve("model_index.json"))) {
        ModelOverview.At at = new ModelOverview.At(width, height, type.dtype());
        return ModelOverview.print(path, at, out) ? ExitCode.OK : ExitCode.FAILED;
      }
      CheckpointListing.print(path, out);
      return ExitCode.OK;
    } finally {
      out.flush();
    }
  }
}

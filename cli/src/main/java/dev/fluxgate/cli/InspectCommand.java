package dev.fluxgate.cli;

import dev.fluxgate.cli.inspect.CheckpointListing;
import dev.fluxgate.cli.inspect.ModelOverview;
import dev.fluxgate.cli.option.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what is in a checkpoint or a model folder. */
@Command(
    name = "inspect",
    description = "Tells what is in a safetensors file, a component folder or a model folder.")
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A .safetensors file, an index of shards, or a folder.")
  private Path path = Path.of("");

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (Files.isRegularFile(path.resolve("model_index.json"))) {
      ModelOverview.print(path, out);
    } else {
      CheckpointListing.print(path, out);
    }
    out.flush();
    return ExitCode.OK;
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.cli.failure.IoReason;
import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.cli.golden.GoldenFolder;
import dev.fluxgate.cli.golden.GoldenReport;
import dev.fluxgate.cli.golden.GoldenRunner;
import dev.fluxgate.cli.golden.OpenBackends;
import dev.fluxgate.cli.golden.operation.GoldenOperations;
import dev.fluxgate.cli.option.DeviceOption;
import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares this build with results of the reference libraries. */
@Command(
    name = "golden",
    description = "Runs golden cases and prints how far each result is from the reference's.")
final class GoldenCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOption device = new DeviceOption();

  @Parameters(
      paramLabel = "DIR",
      description = "Folder of families, of one family, or of one case.")
  private Path dir = Path.of("");

  @Option(
      names = "--families",
      split = ",",
      paramLabel = "FAMILY",
      description = "Only these families, separated by commas.")
  private Set<String> families = new LinkedHashSet<>();

  @Option(
      names = "--write",
      paramLabel = "OUT",
      description = "Write the tensors made, as <family>/<case>/out.safetensors in OUT.")
  private @Nullable Path write;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<GoldenCase> cases = GoldenFolder.cases(dir, families);
    if (write != null) {
      prepare(write);
    }
    try (OpenBackends backends = new OpenBackends(device.choice())) {
      GoldenRunner runner = new GoldenRunner(GoldenOperations::plan, backends::of, write);
      GoldenReport report = new GoldenReport(spec.commandLine().getOut());
      for (GoldenCase golden : cases) {
        report.add(runner.run(golden));
      }
      report.close(backends.description());
      return report.isGood() ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  /** Before the first case runs, not after it. */
  private static void prepare(Path write) throws IOException {
    try {
      Files.createDirectories(write);
    } catch (IOException e) {
      throw new IOException(
          "--write: "
              + write
              + ": cannot be made, "
              + IoReason.of(e)
              + " (expected: a folder that can be written)",
          e);
    }
  }
}

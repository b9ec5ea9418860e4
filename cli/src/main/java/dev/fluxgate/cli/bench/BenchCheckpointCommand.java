package dev.fluxgate.cli.bench;

import dev.fluxgate.cli.bench.checkpoint.KleinSize;
import dev.fluxgate.cli.bench.checkpoint.ModelWriter;
import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes up a model of the size of a released one. */
@Command(
    name = "checkpoint",
    description = {
      "Writes a model folder of the size of a released model, with random weights in bfloat16.",
      "It serves to measure time and memory; what it draws is noise."
    },
    sortOptions = false)
final class BenchCheckpointCommand implements Callable<Integer> {
  private static final long SEED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--geometry",
      paramLabel = "NAME",
      defaultValue = "klein-4b",
      completionCandidates = Geometries.class,
      description = "Which model: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String geometry = "klein-4b";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder to write to; absent or empty.")
  private Path out = Path.of("");

  @Override
  public Integer call() throws IOException {
    ModelWriter writer = new ModelWriter(size(), SEED);
    Path folder = out.toAbsolutePath();
    requireEmpty(folder);
    requireRoom(writer.bytes(), Files.getFileStore(existing(folder)).getUsableSpace());
    Files.createDirectories(folder);
    PrintWriter lines = spec.commandLine().getOut();
    writer.write(
        folder,
        line -> {
          lines.println(line);
          lines.flush();
        });
    lines.println(out);
    return ExitCode.OK;
  }

  private KleinSize size() {
    return Arrays.stream(KleinSize.values())
        .filter(each -> each.label().equals(geometry))
        .findAny()
        .orElseThrow(() -> wrong("--geometry: " + geometry + " (expected: " + labels() + ")"));
  }

  private void requireEmpty(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw wrong("--out: " + out + " is a file (expected: an empty folder)");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.findAny().isPresent()) {
        throw wrong("--out: " + out + " holds files (expected: an empty folder)");
      }
    }
  }

  /** The nearest folder that is there, on whose disk the new one will be. */
  private static Path existing(Path folder) {
    Path nearest = folder;
    while (!Files.exists(nearest) && nearest.getParent() != null) {
      nearest = nearest.getParent();
    }
    return nearest;
  }

  /** Refuses before anything is written what would fill the disk. */
  void requireRoom(long needed, long free) {
    if (free < needed) {
      throw wrong(
          "--out: %s: %d bytes free (expected: at least the %d of %s)"
              .formatted(out, free, needed, geometry));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String labels() {
    return Arrays.stream(KleinSize.values())
        .map(KleinSize::label)
        .collect(Collectors.joining(", "));
  }

  /** Names for help and completion. */
  static final class Geometries implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(KleinSize.values()).map(KleinSize::label).iterator();
    }
  }
}

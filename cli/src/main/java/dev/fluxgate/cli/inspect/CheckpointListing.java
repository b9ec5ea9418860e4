package dev.fluxgate.cli.inspect;

import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.TreeSet;

/** Every tensor of a checkpoint, one a line. */
public final class CheckpointListing {
  private CheckpointListing() {}

  /**
   * Prints the tensors, metadata and totals of the file or component folder {@code path}.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if it is no checkpoint
   */
  public static void print(Path path, PrintWriter out) {
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      for (String name : new TreeSet<>(checkpoint.names())) {
        HostTensor tensor = Objects.requireNonNull(checkpoint.find(name));
        out.printf(
            "%-64s %-8s %-24s %s%n",
            name, tensor.dtype(), tensor.shape(), Totals.size(tensor.data().byteSize()));
      }
      checkpoint.metadata().forEach((key, value) -> out.printf("metadata %s: %s%n", key, value));
      checkpoint.files().forEach(file -> out.printf("file %s%n", file));
      out.println("total " + Totals.of(checkpoint).words());
    }
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import java.util.List;
import picocli.CommandLine.Option;

/** Where models compute. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "Where to compute: auto, cpu or reference. Default: ${DEFAULT-VALUE}.")
  private String name = "auto";

  /** Opens the back end asked for. */
  Backend open() {
    if (!List.of("auto", "reference").contains(name)) {
      throw new IllegalArgumentException("--device: " + name + " (expected: auto or reference)");
    }
    return new ReferenceBackend();
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnUnavailableException;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where models compute. */
final class DeviceOption {
  private static final String AUTO = "auto";
  private static final List<String> NAMES = List.of(AUTO, "cpu", "reference");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private String name = AUTO;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = AUTO,
      description = "Where to compute: auto, cpu or reference. Default: ${DEFAULT-VALUE}.")
  void choose(String device) {
    if (!NAMES.contains(device)) {
      throw new ParameterException(
          spec.commandLine(), "--device: " + device + " (expected: auto, cpu or reference)");
    }
    name = device;
  }

  /** Opens the back end asked for; "auto" takes the fastest that works here. */
  Backend open() {
    return switch (name) {
      case "cpu" -> cpu();
      case "reference" -> new ReferenceBackend();
      default -> fastest();
    };
  }

  private static Backend fastest() {
    try {
      return cpu();
    } catch (OneDnnUnavailableException _) {
      // No native library for this platform; doctor says so.
      return new ReferenceBackend();
    }
  }

  private static Backend cpu() {
    return new CpuBackend(Runtime.getRuntime().availableProcessors());
  }
}

package dev.fluxgate.cli;

import dev.fluxgate.engine.backend.choice.BackendChoice;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where models compute. */
final class DeviceOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private BackendChoice choice = BackendChoice.AUTO;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "Where to compute: auto, cpu or reference. Default: ${DEFAULT-VALUE}.")
  void choose(String device) {
    try {
      choice = BackendChoice.of(device);
    } catch (IllegalArgumentException _) {
      throw new ParameterException(
          spec.commandLine(), "--device: " + device + " (expected: auto, cpu or reference)");
    }
  }

  /** What was asked for. */
  BackendChoice choice() {
    return choice;
  }
}

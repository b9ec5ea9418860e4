package dev.fluxgate.cli.option;

import dev.fluxgate.engine.backend.choice.BackendChoice;
import java.util.Iterator;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where models compute. */
public final class DeviceOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private BackendChoice choice = BackendChoice.AUTO;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      completionCandidates = Names.class,
      description =
          "Where to compute: "
              + BackendChoice.EXPECTED
              + ", N the number of a GPU. Default: ${DEFAULT-VALUE}.")
  void choose(String device) {
    try {
      choice = BackendChoice.of(device);
    } catch (IllegalArgumentException _) {
      throw new ParameterException(
          spec.commandLine(),
          "--device: " + device + " (expected: " + BackendChoice.EXPECTED + ")");
    }
  }

  /** What a shell offers. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return BackendChoice.LABELS.iterator();
    }
  }

  /** What was asked for. */
  public BackendChoice choice() {
    return choice;
  }
}

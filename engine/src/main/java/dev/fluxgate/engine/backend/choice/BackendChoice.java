package dev.fluxgate.engine.backend.choice;

import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnUnavailableException;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a user asks for. */
public enum BackendChoice {
  /** The fastest back end that works on this machine. */
  AUTO,
  /** oneDNN and vectors, or an error that tells why not. */
  CPU,
  /** Plain loops: the oracle, slow, works everywhere. */
  REFERENCE;

  /**
   * The choice of this name, in lower case.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static BackendChoice of(String name) {
    for (BackendChoice choice : values()) {
      if (choice.label().equals(name)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "backend: "
            + name
            + " (expected: "
            + Arrays.stream(values()).map(BackendChoice::label).collect(Collectors.joining(", "))
            + ")");
  }

  /** Name as on the command line: "auto". */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Opens a back end for models that compute in {@code computeType}.
   *
   * @throws OneDnnUnavailableException if {@link #CPU} was asked for and cannot be had
   */
  public OpenedBackend open(DType computeType) {
    return switch (this) {
      case REFERENCE -> new OpenedBackend(new ReferenceBackend(), "reference: asked for");
      case CPU -> cpu(computeType, "cpu: asked for");
      case AUTO -> fastest(computeType);
    };
  }

  private static OpenedBackend cpu(DType computeType, String reason) {
    Optional<String> obstacle = CpuBackend.whyUnavailable(computeType);
    if (obstacle.isPresent()) {
      throw new OneDnnUnavailableException(obstacle.get());
    }
    return new OpenedBackend(new CpuBackend(CpuThreads.configured()), reason);
  }

  private static OpenedBackend fastest(DType computeType) {
    return CpuBackend.whyUnavailable(computeType)
        .map(obstacle -> new OpenedBackend(new ReferenceBackend(), "reference: " + obstacle))
        .orElseGet(() -> cpu(computeType, "cpu: the fastest on this machine"));
  }
}

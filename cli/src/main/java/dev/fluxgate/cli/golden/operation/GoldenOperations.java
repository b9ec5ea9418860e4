package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CasePlan;
import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.cli.golden.GoldenOperation;

/** Which of our code answers to which family and operation; everything else is skipped. */
public final class GoldenOperations {
  private GoldenOperations() {}

  /** What to do with {@code golden}, by its family, operation and parameters; never by its name. */
  public static CasePlan plan(GoldenCase golden) {
    return switch (golden.family()) {
      case "formats-safetensors" -> container(golden);
      default -> skip("family " + golden.family() + " is not built yet");
    };
  }

  private static CasePlan container(GoldenCase golden) {
    return switch (golden.operation()) {
      case "read" -> run(ContainerOperation::read);
      case "reject" -> run(ContainerOperation::reject);
      default -> unknown(golden);
    };
  }

  private static CasePlan unknown(GoldenCase golden) {
    return skip("operation " + golden.operation() + " is not built yet");
  }

  private static CasePlan run(GoldenOperation operation) {
    return new CasePlan.Run(operation);
  }

  private static CasePlan skip(String reason) {
    return new CasePlan.Skip(reason);
  }
}

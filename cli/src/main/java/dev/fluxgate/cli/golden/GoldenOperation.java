package dev.fluxgate.cli.golden;

import java.io.IOException;

/** How a case is computed by our code. */
@FunctionalInterface
public interface GoldenOperation {

  /** Reads the inputs of {@code run} and puts every output there. */
  void run(CaseRun run) throws IOException;
}

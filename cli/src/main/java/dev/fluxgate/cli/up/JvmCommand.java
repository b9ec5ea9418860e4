package dev.fluxgate.cli.up;

import dev.fluxgate.cli.failure.ServiceFailedException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** How this JVM was started, so that others start alike. */
final class JvmCommand {
  /** Flags for one process alone: its descriptors, its terminal, its training, its debugger. */
  private static final List<String> OURS_ALONE =
      List.of(
          "-Dfluxgate.stderr=",
          "-Dfluxgate.terminal",
          "-Dfluxgate.training=",
          "-XX:AOTCacheOutput=",
          "-XX:AOTMode=",
          "-agentlib:jdwp");

  private JvmCommand() {}

  /** The command that runs {@code mainClass} with {@code arguments} on the same class path. */
  static List<String> running(String mainClass, List<String> arguments) {
    String java =
        ProcessHandle.current()
            .info()
            .command()
            .orElseThrow(
                () -> new ServiceFailedException("java: unknown (expected: a name to start)"));
    return Stream.of(
            List.of(java),
            inherited(ManagementFactory.getRuntimeMXBean().getInputArguments()),
            List.of("-cp", System.getProperty("java.class.path"), mainClass),
            arguments)
        .flatMap(List::stream)
        .toList();
  }

  /** {@code flags} without those that cannot be shared. */
  static List<String> inherited(List<String> flags) {
    List<String> kept = new ArrayList<>(flags);
    kept.removeIf(flag -> OURS_ALONE.stream().anyMatch(flag::startsWith));
    return kept;
  }
}

package dev.fluxgate.cli.up;

import dev.fluxgate.cli.failure.ServiceFailedException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How this JVM was started, so that others start alike but for the collector of garbage. */
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

  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  private JvmCommand() {}

  /**
   * The command that runs {@code mainClass} with {@code arguments}, the name of a service first, on
   * the same class path.
   */
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
            List.of(collector(arguments.getFirst())),
            List.of("-cp", System.getProperty("java.class.path"), mainClass),
            arguments)
        .flatMap(List::stream)
        .toList();
  }

  /** {@code flags} without those that cannot be shared. */
  static List<String> inherited(List<String> flags) {
    List<String> kept = new ArrayList<>(flags);
    kept.removeIf(flag -> OURS_ALONE.stream().anyMatch(flag::startsWith));
    kept.removeIf(flag -> COLLECTOR.matcher(flag).matches());
    return kept;
  }

  /** As the start script has it: only a gateway holds much on the heap (ADR 10). */
  private static String collector(String service) {
    return service.equals("gateway") ? "-XX:+UseG1GC" : "-XX:+UseSerialGC";
  }
}

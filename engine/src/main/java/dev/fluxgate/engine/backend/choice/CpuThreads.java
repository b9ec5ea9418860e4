package dev.fluxgate.engine.backend.choice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How many threads compute. */
final class CpuThreads {
  /** The environment variable that sets it. */
  static final String VARIABLE = "FLUXGATE_THREADS";

  private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");

  private CpuThreads() {}

  /**
   * As {@link #VARIABLE} says, else one for each physical core that the process may use: two
   * threads of one core share its vector units and only get into each other's way.
   *
   * @throws IllegalArgumentException if the variable holds no number of threads
   */
  static int configured() {
    return configured(System.getenv(VARIABLE));
  }

  static int configured(@Nullable String setting) {
    if (setting == null || setting.isBlank()) {
      return Math.min(Runtime.getRuntime().availableProcessors(), physicalCores(PROCESSORS));
    }
    if (!setting.strip().matches("[1-9][0-9]{0,3}")) {
      throw new IllegalArgumentException(VARIABLE + ": " + setting + " (expected: 1..9999)");
    }
    return Integer.parseInt(setting.strip());
  }

  /** Cores that Linux tells of; as many as one likes where it tells nothing. */
  static int physicalCores(Path processors) {
    Set<String> cores = new HashSet<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
      for (Path folder : folders) {
        Path siblings = folder.resolve("topology/thread_siblings_list");
        if (Files.isReadable(siblings)) {
          cores.add(Files.readString(siblings).strip());
        }
      }
    } catch (NoSuchFileException e) {
      return Integer.MAX_VALUE;
    } catch (IOException e) {
      throw new UncheckedIOException(processors.toString(), e);
    }
    return cores.isEmpty() ? Integer.MAX_VALUE : cores.size();
  }
}

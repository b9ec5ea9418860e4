package dev.fluxgate.cli.option;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where settings are read from, for commands that have any. */
public final class ConfigOption {
  /** The option, by which commands with settings are known. */
  public static final String NAME = "--config";

  @Option(
      names = NAME,
      paramLabel = "FILE",
      description = "File of settings, see docs/settings.md. Default: FLUXGATE_CONFIG, or none.")
  private @Nullable Path file;

  /** As given on the command line. */
  public @Nullable Path file() {
    return file;
  }
}

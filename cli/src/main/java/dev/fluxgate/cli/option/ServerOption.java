package dev.fluxgate.cli.option;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which gateway a command asks. */
public final class ServerOption {
  /** The option; as a setting it belongs to no command. */
  public static final String NAME = "--server";

  @Option(
      names = NAME,
      paramLabel = "URL",
      defaultValue = "127.0.0.1:9090",
      description = "Gateway: http://HOST:PORT or HOST:PORT. Default: ${DEFAULT-VALUE}.")
  private ServerAddress server = ServerAddress.parse("127.0.0.1:9090");

  // Read by the settings, through the model of the command.
  @SuppressWarnings("UnusedVariable")
  @Mixin
  private ConfigOption config = new ConfigOption();

  /** Where to dial. */
  public HostPort address() {
    return server.address();
  }
}

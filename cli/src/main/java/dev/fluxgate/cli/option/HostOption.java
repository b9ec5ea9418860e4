package dev.fluxgate.cli.option;

import java.net.InetAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which interface a service listens at: one of this machine alone, while there are no keys. */
public final class HostOption {
  /** Address of this machine for itself. */
  public static final String LOOPBACK = "127.0.0.1";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = LOOPBACK,
      description = "Address to listen at; of this machine alone. Default: ${DEFAULT-VALUE}.")
  private String host = LOOPBACK;

  /**
   * The address.
   *
   * @throws ParameterException if others could reach it
   */
  public String host() {
    if (!isLoopback()) {
      throw new ParameterException(
          spec.commandLine(),
          "--host: "
              + host
              + " (expected: 127.0.0.1, ::1 or localhost; what others can reach needs keys and"
              + " ports of its own for workers, and there are none yet)");
    }
    return host;
  }

  private boolean isLoopback() {
    try {
      return !host.isBlank() && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      // A name that means nothing here is not one of this machine.
      return false;
    }
  }
}

package dev.fluxgate.cli.option;

/**
 * Where a service of ours is reached.
 *
 * @param target "host:port", an IPv6 address in brackets
 */
public record HostPort(String target) {
  /** What is accepted, in words. */
  public static final String EXPECTED = "HOST:PORT, such as 127.0.0.1:9090";

  private static final String FORM = "([\\w.-]+|\\[[0-9A-Fa-f:.]+]):\\d{1,5}";
  private static final int MAX_PORT = 65_535;

  /** Checks the form. */
  public HostPort {
    String port = target.substring(target.lastIndexOf(':') + 1);
    if (!target.matches(FORM) || Integer.parseInt(port) < 1 || Integer.parseInt(port) > MAX_PORT) {
      throw new IllegalArgumentException("address: " + target + " (expected: " + EXPECTED + ")");
    }
  }

  /** The address written as {@code host} and {@code port}. */
  public static HostPort of(String host, int port) {
    return new HostPort((host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port);
  }

  @Override
  public String toString() {
    return target;
  }
}

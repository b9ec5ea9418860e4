package dev.fluxgate.cli.option;

import picocli.CommandLine.Option;

/** Where a gateway listens; 0 takes a free port. */
public final class GatewayPorts {
  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "Port of users, over HTTP; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private Port httpPort = new Port(0);

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      defaultValue = "9090",
      description =
          "Port of users and workers, over gRPC; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private Port grpcPort = new Port(0);

  /** Of users, over HTTP. */
  public int http() {
    return httpPort.number();
  }

  /** Of users and workers, over gRPC. */
  public int grpc() {
    return grpcPort.number();
  }
}

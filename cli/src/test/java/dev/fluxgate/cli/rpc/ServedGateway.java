package dev.fluxgate.cli.rpc;

import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusMapping;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import java.util.List;

/** A gateway of a test's own behind a real server. */
public final class ServedGateway implements AutoCloseable {
  private final GrpcServer server;

  /** Serves {@code gateway} on a free port of loopback. */
  public ServedGateway(ImageGenerationServiceImplBase gateway) {
    server = GrpcServer.start("127.0.0.1", 0, StatusMapping.standard(), List.of(gateway));
  }

  /** Host and port, as a command line names them. */
  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /** Serves no more; closing it again does nothing. */
  @Override
  public void close() {
    server.close();
  }
}

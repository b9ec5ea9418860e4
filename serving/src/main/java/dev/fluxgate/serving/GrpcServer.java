package dev.fluxgate.serving;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server of ours: one virtual thread a call, health by service, reflection, limits against
 * careless and hostile peers, exceptions through the one status table, an orderly end.
 */
public final class GrpcServer implements AutoCloseable {
  /**
   * Largest message taken. Tensors and pictures travel in chunks of 1 MiB; a prompt may be 1 MiB
   * long, and one somewhat above that shall get our answer rather than the transport's.
   */
  public static final int MAX_MESSAGE_BYTES = 4 << 20;

  private static final int MAX_CALLS_PER_CONNECTION = 128;
  private static final int MAX_RESETS = 200;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int SOFT_METADATA_BYTES = 8 << 10;
  private static final int MAX_METADATA_BYTES = 16 << 10;
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

  /** Two move more than the cards and processors behind them make. */
  private static final int EVENT_LOOPS = 2;

  private final Server server;
  private final HealthStatusManager health;
  private final ExecutorService executor;
  private final EventLoops loops;
  private final List<String> services;
  private final int port;

  private GrpcServer(
      Server server,
      HealthStatusManager health,
      ExecutorService executor,
      EventLoops loops,
      List<String> services) {
    this.server = server;
    this.health = health;
    this.executor = executor;
    this.loops = loops;
    this.services = services;
    this.port = server.getPort();
  }

  /**
   * Starts a server; every service reports SERVING.
   *
   * @param host name or address of the interface to listen at
   * @param port 0 takes any free one
   * @param mapping what the services' exceptions mean to a caller
   * @throws UncheckedIOException naming the address, if it cannot be listened at
   */
  public static GrpcServer start(
      String host, int port, StatusMapping mapping, List<? extends BindableService> services) {
    ListenAddress address = new ListenAddress(host, port);
    InetSocketAddress resolved = address.resolve();
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    EventLoops loops = new EventLoops("grpc-server", EVENT_LOOPS);
    HealthStatusManager health = new HealthStatusManager();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(resolved)
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .channelType(NioServerSocketChannel.class)
            .executor(executor)
            .intercept(new StatusInterceptor(mapping))
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .maxInboundMetadataSize(SOFT_METADATA_BYTES, MAX_METADATA_BYTES)
            .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
            .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
            .handshakeTimeout(10, TimeUnit.SECONDS)
            // Workers keep idle connections alive; by default that counts as abuse.
            .permitKeepAliveTime(20, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    services.forEach(builder::addService);
    List<String> names =
        services.stream().map(s -> s.bindService().getServiceDescriptor().getName()).toList();
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      executor.close();
      loops.close();
      throw address.unusable(e.getCause() instanceof IOException cause ? cause : e);
    }
    GrpcServer started = new GrpcServer(server, health, executor, loops, names);
    started.serving(true);
    return started;
  }

  /** The port in use. */
  public int port() {
    return port;
  }

  /** Tells load balancers and probes whether new calls are welcome; they are taken either way. */
  public void serving(boolean welcome) {
    ServingStatus status = welcome ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    services.forEach(service -> health.setStatus(service, status));
  }

  /**
   * Reports NOT_SERVING, takes no new calls, and lets the running ones finish.
   *
   * @param grace how long they may take before they are cut off
   * @return whether all finished in time
   */
  public boolean drain(Duration grace) {
    if (!server.isShutdown()) {
      health.enterTerminalState();
      server.shutdown();
    }
    boolean finished = awaitTermination(grace);
    if (!finished) {
      server.shutdownNow();
    }
    return finished;
  }

  /** Drains for two seconds, then cuts off what still runs. */
  @Override
  public void close() {
    drain(CLOSE_GRACE);
    awaitTermination(CLOSE_GRACE);
    // A handler that ignores its cancelled call must not keep the process from ending.
    executor.shutdownNow();
    loops.close();
  }

  private boolean awaitTermination(Duration limit) {
    try {
      return server.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

package dev.fluxgate.gateway.http;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.http.openai.OpenAiRoutes;
import dev.fluxgate.gateway.http.openapi.OpenApiDocument;
import dev.fluxgate.gateway.http.probe.ProbeRoutes;
import dev.fluxgate.gateway.http.rest.EventRoutes;
import dev.fluxgate.gateway.http.rest.ImageRoutes;
import dev.fluxgate.gateway.http.rest.InputRoutes;
import dev.fluxgate.gateway.http.rest.JobRoutes;
import dev.fluxgate.gateway.http.rest.ModelRoutes;
import dev.fluxgate.gateway.http.route.Refuser;
import dev.fluxgate.gateway.http.route.Route;
import dev.fluxgate.gateway.http.route.RouteService;
import dev.fluxgate.gateway.http.route.RouteTable;
import dev.fluxgate.gateway.http.route.SameOrigin;
import dev.fluxgate.gateway.http.rpc.GrpcEndpoint;
import dev.fluxgate.gateway.metric.GatewayMetrics;
import dev.fluxgate.gateway.watch.JobWatches;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.ListenAddress;
import dev.fluxgate.serving.StatusMapping;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The HTTP port of a gateway. */
public final class HttpFront implements AutoCloseable {
  /** Longest body taken: inputs of 2 MiB in base64, and a prompt of 1 MiB. */
  private static final int MAX_BODY_BYTES = 4 << 20;

  private static final int MAX_HEADER_BYTES = 16 << 10;
  private static final int MAX_STREAMS_PER_CONNECTION = 128;
  private static final int MAX_RESETS = 200;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final int MAX_CONNECTIONS = 4096;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);

  /** Left to itself the kernel keeps 4 MiB for a reader that has stalled. */
  private static final int SEND_BUFFER_BYTES = 128 << 10;

  /** What still runs when the front closes has this long. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);

  private static final int EVENT_LOOPS = 2;

  /** Calls that wait for something at once; the threads are virtual. */
  private static final int BLOCKING_CALLS = 256;

  private final Server server;
  private final EventRoutes events;
  private final GrpcEndpoint grpc;

  private HttpFront(Server server, EventRoutes events, GrpcEndpoint grpc) {
    this.server = server;
    this.events = events;
    this.grpc = grpc;
  }

  /**
   * What stands behind the front.
   *
   * @param mapping what exceptions mean to a caller
   * @param grpc the services that gRPC clients find on the same port
   */
  public record Backing(
      ImageGeneration generation,
      JobWatches watches,
      GatewayMetrics metrics,
      StatusMapping mapping,
      GrpcEndpoint grpc) {}

  /**
   * Starts to listen.
   *
   * @param host name or address of the interface
   * @param port 0 takes any free one
   * @throws UncheckedIOException naming the address, if it cannot be listened at
   */
  public static HttpFront start(String host, int port, Backing backing) {
    EventRoutes events = new EventRoutes(backing.generation(), backing.watches());
    backing.metrics().showEventReaders(events::readers);
    RouteTable table = table(backing, events);
    Refuser refuser = new Refuser(table, backing.mapping());
    ListenAddress address = new ListenAddress(host, port);
    ServerBuilder builder = Server.builder().http(address.resolve());
    limit(builder);
    run(builder);
    RouteService routes = new RouteService(table, refuser, backing.metrics()::onHttp);
    Server server =
        builder
            .errorHandler(refuser)
            .service(
                backing.grpc().service(), service -> service.decorate(HttpFront::withoutTimeout))
            .route()
            .path(InputRoutes.PATH)
            .path(OpenAiRoutes.EDITS)
            .maxRequestLength(backing.generation().inputs().maxInputBytes())
            .build(routes)
            .serviceUnder("/", routes)
            .decorator(new SameOrigin(refuser))
            .build();
    try {
      server.start().join();
    } catch (CompletionException e) {
      server.close();
      throw address.unusable(e.getCause() == null ? e : e.getCause());
    }
    return new HttpFront(server, events, backing.grpc());
  }

  private static RouteTable table(Backing backing, EventRoutes events) {
    List<Route> routes = new ArrayList<>();
    routes.addAll(new JobRoutes(backing.generation()).routes());
    routes.addAll(events.routes());
    routes.addAll(new ImageRoutes(backing.generation()).routes());
    routes.addAll(new InputRoutes(backing.generation().inputs()).routes());
    routes.addAll(new ModelRoutes(backing.generation()).routes());
    routes.addAll(new OpenAiRoutes(backing.generation(), backing.watches()).routes());
    routes.addAll(new ProbeRoutes(backing.generation(), backing.metrics()).routes());
    routes.add(OpenApiDocument.route(routes));
    return new RouteTable(routes);
  }

  private static void limit(ServerBuilder builder) {
    builder
        .maxRequestLength(MAX_BODY_BYTES)
        .http1MaxHeaderSize(MAX_HEADER_BYTES)
        .http1MaxInitialLineLength(MAX_HEADER_BYTES)
        .http2MaxHeaderListSize(MAX_HEADER_BYTES)
        .http2MaxStreamsPerConnection(MAX_STREAMS_PER_CONNECTION)
        .http2MaxResetFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
        .maxNumConnections(MAX_CONNECTIONS)
        .requestTimeout(REQUEST_TIMEOUT)
        .idleTimeout(IDLE_TIMEOUT);
  }

  private static void run(ServerBuilder builder) {
    ScheduledExecutorService blocking =
        Executors.newScheduledThreadPool(
            BLOCKING_CALLS, Thread.ofVirtual().name("gateway-http-call-", 0).factory());
    EventLoopGroup loops =
        EventLoopGroups.builder()
            .numThreads(EVENT_LOOPS)
            .threadFactory(new DefaultThreadFactory("gateway-http", true))
            .gracefulShutdown(Duration.ZERO, CLOSE_GRACE)
            .build();
    builder
        .workerGroup(loops, true)
        // Loops of its own for accepting would end two quiet seconds after they are told.
        .bossGroupFactory(_ -> loops)
        .childChannelOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
        .blockingTaskExecutor(blocking, true)
        .gracefulShutdownTimeout(Duration.ZERO, CLOSE_GRACE)
        .disableServerHeader()
        .addHeader("x-content-type-options", "nosniff");
  }

  private static HttpResponse withoutTimeout(
      HttpService next, ServiceRequestContext context, HttpRequest request) throws Exception {
    // A call of gRPC carries its own deadline, if any, and messages have their own limit.
    context.clearRequestTimeout();
    context.setMaxRequestLength(2L * GrpcServer.MAX_MESSAGE_BYTES);
    return next.serve(context, request);
  }

  /** The port in use. */
  public int port() {
    return server.activeLocalPort();
  }

  /** Lets running calls finish for a moment, then ends everything. */
  @Override
  public void close() {
    grpc.drain();
    events.close();
    server.close();
  }
}

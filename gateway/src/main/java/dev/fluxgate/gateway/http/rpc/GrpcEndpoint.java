package dev.fluxgate.gateway.http.rpc;

import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.server.HttpServiceWithRoutes;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.GrpcServiceBuilder;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusInterceptor;
import dev.fluxgate.serving.StatusMapping;
import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;

/**
 * Services of gRPC behind an HTTP server, with health and reflection. Calls run on threads that may
 * block; they have no time limit but their own deadline.
 */
public final class GrpcEndpoint {
  private final HealthStatusManager health = new HealthStatusManager();
  private final HttpServiceWithRoutes service;

  /**
   * An endpoint of {@code services}.
   *
   * @param mapping what the services' exceptions mean to a caller
   */
  public GrpcEndpoint(List<? extends BindableService> services, StatusMapping mapping) {
    GrpcServiceBuilder builder =
        GrpcService.builder()
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .intercept(new StatusInterceptor(mapping))
            .maxRequestMessageLength(GrpcServer.MAX_MESSAGE_BYTES)
            .supportedSerializationFormats(
                GrpcSerializationFormats.PROTO,
                GrpcSerializationFormats.PROTO_WEB,
                GrpcSerializationFormats.PROTO_WEB_TEXT)
            .useBlockingTaskExecutor(true);
    for (BindableService each : services) {
      builder.addService(each);
      health.setStatus(each.bindService().getServiceDescriptor().getName(), ServingStatus.SERVING);
    }
    service = builder.build();
  }

  /** What an HTTP server serves. */
  public HttpServiceWithRoutes service() {
    return service;
  }

  /** Tells probes that no new calls are welcome. */
  public void drain() {
    health.enterTerminalState();
  }
}

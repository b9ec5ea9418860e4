package dev.fluxgate.serving;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** How our processes dial each other. */
public final class GrpcChannels {
  /** Bandwidth times round trip of a fast far link; also half a full prompt embedding. */
  private static final int FLOW_CONTROL_WINDOW_BYTES = 8 << 20;

  private GrpcChannels() {}

  /**
   * A channel to {@code target}; it connects on the first call and again after every loss. Retries
   * of calls are the caller's matter.
   *
   * @param target "host:port"
   * @throws IllegalArgumentException for a target of another form
   */
  public static ManagedChannel open(String target) {
    int colon = target.lastIndexOf(':');
    if (colon < 1 || !target.substring(colon + 1).matches("\\d{1,5}")) {
      throw new IllegalArgumentException("target: " + target + " (expected: host:port)");
    }
    Executor virtualThreads = task -> Thread.ofVirtual().name("grpc-call").start(task);
    EventLoops loops = new EventLoops("grpc-channel", 1);
    ManagedChannel channel =
        NettyChannelBuilder.forTarget("dns:///" + target)
            .eventLoopGroup(loops.group())
            .channelType(NioSocketChannel.class)
            .usePlaintext()
            .executor(virtualThreads)
            .maxInboundMessageSize(GrpcServer.MAX_MESSAGE_BYTES)
            .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
            // Home routers and cloud load balancers drop idle flows silently.
            .keepAliveTime(30, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(true)
            .disableRetry()
            .build();
    return new OwnLoopChannel(channel, loops);
  }

  /** Ends a channel: running calls get two seconds. */
  public static void close(ManagedChannel channel) {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
        channel.shutdownNow();
        boolean _ = channel.awaitTermination(2, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}

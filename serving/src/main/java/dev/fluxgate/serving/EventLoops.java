package dev.fluxgate.serving;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads that move bytes for one server or channel, ended with it. Those that gRPC shares
 * linger for a second, and a JVM that ends meanwhile waits for threads in system calls.
 */
final class EventLoops implements AutoCloseable {
  private static final int CLOSE_SECONDS = 2;

  private final EventLoopGroup group;

  /**
   * Starts up to {@code threads} threads as they are needed.
   *
   * @param name of each, a number follows
   */
  EventLoops(String name, int threads) {
    group =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }

  EventLoopGroup group() {
    return group;
  }

  /** Ends the threads; what they have not moved by now is lost. */
  @Override
  public void close() {
    group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}

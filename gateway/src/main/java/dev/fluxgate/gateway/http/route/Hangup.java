package dev.fluxgate.gateway.http.route;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a caller no longer waits for its answer. The server itself ends answers only a second
 * after a connection of HTTP/1 is gone, in which a card would take many steps for nobody.
 */
public final class Hangup {
  private Hangup() {}

  /** Runs {@code action} once, if the caller of {@code context} leaves before its answer ends. */
  public static void watch(ServiceRequestContext context, HttpResponse response, Runnable action) {
    AtomicBoolean over = new AtomicBoolean();
    Runnable gone =
        () -> {
          if (over.compareAndSet(false, true)) {
            context.blockingTaskExecutor().withoutContext().execute(action);
          }
        };
    ChannelFutureListener closed = _ -> gone.run();
    Channel channel = context.log().partial().channel();
    if (channel != null) {
      channel.closeFuture().addListener(closed);
    }
    var _ = response.whenComplete().handle((_, thrown) -> ended(channel, closed, thrown, gone));
  }

  private static boolean ended(
      @Nullable Channel channel,
      ChannelFutureListener closed,
      @Nullable Throwable thrown,
      Runnable gone) {
    if (channel != null) {
      // Other calls may follow on this connection.
      channel.closeFuture().removeListener(closed);
    }
    if (thrown != null) {
      gone.run();
    }
    return true;
  }
}

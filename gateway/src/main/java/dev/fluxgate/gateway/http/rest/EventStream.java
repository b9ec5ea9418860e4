package dev.fluxgate.gateway.http.rest;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.fluxgate.gateway.watch.JobUpdate;
import dev.fluxgate.gateway.watch.JobWatch;
import dev.fluxgate.gateway.watch.JobWatches;
import java.util.Collection;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a watch tells → server-sent events, no faster than the reader takes them: one is made when
 * the one before has left for the socket. Lives on the event loop of its connection, which every
 * private method runs on.
 */
final class EventStream {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final HttpData RETRY = HttpData.ofUtf8("retry: 2000\n\n");
  private static final HttpData HEARTBEAT = HttpData.ofUtf8(":\n\n");
  private static final int HEARTBEAT_SECONDS = 10;

  private final HttpResponseWriter reader = HttpResponse.streaming();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final ServiceRequestContext context;
  private final Function<JobUpdate, HttpData> text;
  private final Collection<EventStream> open;
  private @Nullable JobWatch watch;
  private @Nullable ScheduledFuture<?> heartbeat;
  private boolean writing;
  private boolean closed;

  /**
   * A stream that has not begun.
   *
   * @param text an update as the reader gets it
   * @param open holds this stream as long as it is open
   */
  EventStream(
      ServiceRequestContext context,
      Function<JobUpdate, HttpData> text,
      Collection<EventStream> open) {
    this.context = context;
    this.text = text;
    this.open = open;
  }

  /** Begins to answer. */
  HttpResponse begin(JobWatches.Opening opening) {
    JobWatch opened = opening.open(this::wake);
    open.add(this);
    context.clearRequestTimeout();
    reader.write(
        ResponseHeaders.builder(200)
            .contentType(MediaType.EVENT_STREAM)
            .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
            // Proxies that collect answers would hold events back.
            .set("x-accel-buffering", "no")
            .build());
    var _ = reader.whenComplete().handle((_, _) -> onLoop(this::close));
    if (!onLoop(() -> start(opened))) {
      opened.close();
    }
    return reader;
  }

  /** There may be more to tell. Any thread may call it; calls before the answer count as one. */
  void wake() {
    if (awake.compareAndSet(false, true)) {
      onLoop(() -> {
        awake.set(false);
        send();
      });
    }
  }

  /** Ends the answer before the job has ended. Any thread may call it. */
  void end() {
    reader.close();
  }

  private void start(JobWatch opened) {
    watch = opened;
    if (closed) {
      opened.close();
      return;
    }
    heartbeat =
        context
            .eventLoop()
            .withoutContext()
            .scheduleAtFixedRate(
                this::beat, HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
    write(RETRY);
  }

  private void beat() {
    if (!writing && !closed) {
      write(HEARTBEAT);
    }
  }

  private void send() {
    if (watch == null || writing || closed) {
      return;
    }
    JobUpdate update = watch.poll();
    if (update != null) {
      write(text.apply(update));
    } else if (watch.isDone()) {
      reader.close();
    }
  }

  private void write(HttpData data) {
    writing = true;
    if (reader.tryWrite(data)) {
      var _ =
          reader
              .whenConsumed()
              .thenRun(() ->
                  onLoop(() -> {
                    writing = false;
                    send();
                  }));
    }
  }

  private void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (watch != null) {
      watch.close();
    }
    if (heartbeat != null) {
      heartbeat.cancel(false);
    }
    open.remove(this);
  }

  private boolean onLoop(Runnable task) {
    try {
      context.eventLoop().withoutContext().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      // The server has stopped, and with it every stream.
      LOG.debug("an event came after the end", e);
      return false;
    }
  }
}

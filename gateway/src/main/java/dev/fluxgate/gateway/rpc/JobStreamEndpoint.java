package dev.fluxgate.gateway.rpc;

import dev.fluxgate.gateway.watch.JobUpdate;
import dev.fluxgate.gateway.watch.JobWatch;
import dev.fluxgate.gateway.watch.JobWatches;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a watch tells → the answer of a call, no faster than its reader takes it.
 *
 * @param <T> the messages of the answer
 */
final class JobStreamEndpoint<T> {
  private final ServerCallStreamObserver<T> reader;
  private final Function<JobUpdate, T> message;
  private Runnable onBroken = () -> {};
  private @Nullable JobWatch watch;
  private boolean closed;

  /**
   * A stream that has not begun.
   *
   * @param observer the one that gRPC gave the service method
   */
  JobStreamEndpoint(StreamObserver<T> observer, Function<JobUpdate, T> message) {
    this.reader = (ServerCallStreamObserver<T>) observer;
    this.message = message;
  }

  /**
   * As {@link #begin(JobWatches.Opening)}; {@code onBroken} runs if the reader leaves before the
   * end.
   */
  void begin(JobWatches.Opening opening, Runnable onBroken) {
    this.onBroken = onBroken;
    begin(opening);
  }

  /** Begins to answer. Call it before the service method returns: gRPC takes no handlers later. */
  void begin(JobWatches.Opening opening) {
    reader.setOnCancelHandler(this::broken);
    reader.setOnReadyHandler(this::send);
    JobWatch opened = opening.open(this::send);
    synchronized (this) {
      watch = opened;
      if (closed) {
        opened.close();
      }
    }
    send();
  }

  private synchronized void send() {
    if (watch == null || closed) {
      return;
    }
    while (reader.isReady()) {
      JobUpdate update = watch.poll();
      if (update == null) {
        break;
      }
      reader.onNext(message.apply(update));
    }
    if (watch.isDone()) {
      close();
      reader.onCompleted();
    }
  }

  private void broken() {
    synchronized (this) {
      if (closed) {
        return;
      }
      close();
    }
    onBroken.run();
  }

  private synchronized void close() {
    closed = true;
    if (watch != null) {
      watch.close();
    }
  }
}

package dev.fluxgate.serving;

import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;

/**
 * Sends an answer of many messages no faster than its reader takes them: messages are made when the
 * transport has room for them, so that a slow reader costs one message and no thread.
 *
 * @param <T> the messages
 */
public final class BoundedStream<T> {
  private final CallStreamObserver<T> reader;
  private final Iterator<? extends T> messages;
  private boolean completed;

  private BoundedStream(CallStreamObserver<T> reader, Iterator<? extends T> messages) {
    this.reader = reader;
    this.messages = messages;
  }

  /**
   * Sends all messages, then completes the answer. Call it once, before the service method returns:
   * gRPC takes no handlers later. Returns at once or when the transport is full; the rest follows
   * as room is made.
   *
   * @param observer the one that gRPC gave the service method
   * @param messages made lazily; an exception of it ends the call
   */
  public static <T> void send(StreamObserver<T> observer, Iterator<? extends T> messages) {
    ServerCallStreamObserver<T> reader = (ServerCallStreamObserver<T>) observer;
    BoundedStream<T> stream = new BoundedStream<>(reader, messages);
    // Without a handler of its own a cancelled call makes onNext throw.
    reader.setOnCancelHandler(() -> {});
    reader.setOnReadyHandler(stream::sendWhileReady);
    stream.sendWhileReady();
  }

  private void sendWhileReady() {
    if (completed) {
      return;
    }
    while (messages.hasNext()) {
      if (!reader.isReady()) {
        return;
      }
      reader.onNext(messages.next());
    }
    completed = true;
    reader.onCompleted();
  }
}

package dev.fluxgate.encoder.rpc;

import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that asks for one message at a time, and for the next when its test wants it. */
final class SlowReader implements ClientResponseObserver<EncodeRequest, EncodeResponse> {
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
  private @Nullable ClientCallStreamObserver<EncodeRequest> call;

  @Override
  public void beforeStart(ClientCallStreamObserver<EncodeRequest> stream) {
    stream.disableAutoRequestWithInitial(0);
    call = stream;
  }

  /** The next message; null at the end. */
  @Nullable EncodeResponse next() {
    ClientCallStreamObserver<EncodeRequest> stream = call;
    if (stream == null) {
      throw new AssertionError("not started");
    }
    stream.request(1);
    try {
      Object event = events.poll(60, TimeUnit.SECONDS);
      return event instanceof EncodeResponse message ? message : end(event);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static @Nullable EncodeResponse end(@Nullable Object event) {
    if (!"completed".equals(event)) {
      throw new AssertionError("event: " + event);
    }
    return null;
  }

  @Override
  public void onNext(EncodeResponse message) {
    events.add(message);
  }

  @Override
  public void onError(Throwable failure) {
    events.add(failure);
  }

  @Override
  public void onCompleted() {
    events.add("completed");
  }
}

package dev.fluxgate.serving;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Answers what a handler throws, or passes to {@code onError}, through the status table. Thread
 * boundary of every server: nothing a handler throws gets past it.
 */
public final class StatusInterceptor implements ServerInterceptor {
  private final StatusMapping mapping;

  /** Answers with what {@code mapping} says. */
  public StatusInterceptor(StatusMapping mapping) {
    this.mapping = mapping;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MappedCall<Q, A> mapped = new MappedCall<>(call, mapping);
    return new MappedListener<>(next.startCall(mapped, headers), mapped);
  }

  private static final class MappedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final StatusMapping mapping;
    private final AtomicBoolean closed = new AtomicBoolean();

    MappedCall(ServerCall<Q, A> call, StatusMapping mapping) {
      super(call);
      this.mapping = mapping;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!closed.compareAndSet(false, true)) {
        return;
      }
      Throwable cause = status.getCause();
      // StreamObserver.onError leaves what it does not know as UNKNOWN with the cause inside.
      if (status.getCode() == Status.Code.UNKNOWN && cause != null) {
        closeWith(cause);
      } else {
        delegate().close(status, trailers);
      }
    }

    void fail(Throwable thrown) {
      if (closed.compareAndSet(false, true)) {
        closeWith(thrown);
      }
    }

    private void closeWith(Throwable thrown) {
      StatusRuntimeException failure = mapping.toException(thrown);
      Metadata trailers = failure.getTrailers();
      delegate().close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
    }
  }

  private static final class MappedListener<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final MappedCall<Q, A> call;

    MappedListener(ServerCall.Listener<Q> listener, MappedCall<Q, A> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      guard(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      guard(super::onHalfClose);
    }

    @Override
    public void onReady() {
      guard(super::onReady);
    }

    @Override
    public void onComplete() {
      guard(super::onComplete);
    }

    @Override
    public void onCancel() {
      guard(super::onCancel);
    }

    // The boundary of the thread: what is not caught here would reach the caller as UNKNOWN.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private void guard(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException | Error e) {
        call.fail(e);
      }
    }
  }
}

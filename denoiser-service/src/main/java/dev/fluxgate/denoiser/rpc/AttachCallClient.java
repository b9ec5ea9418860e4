package dev.fluxgate.denoiser.rpc;

import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One attachment, as long as it lasts. Messages out may come from any thread. */
final class AttachCallClient implements ClientResponseObserver<AttachRequest, AttachResponse> {
  private final Events events;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable ClientCallStreamObserver<AttachRequest> requests;
  private volatile boolean welcome;
  private volatile boolean settled;
  private boolean closed;

  /** What happens on the call. */
  interface Events {
    /** The gateway says something. */
    void heard(AttachCallClient from, AttachResponse message);

    /** What was said has left; there is room for more. */
    void hasRoom(AttachCallClient from);

    /** The call is over, for a reason. */
    void broke(Throwable thrown);
  }

  AttachCallClient(Events events) {
    this.events = events;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<AttachRequest> requests) {
    this.requests = requests;
    requests.setOnReadyHandler(() -> events.hasRoom(this));
  }

  /** Says something, after all that was said before. */
  synchronized void send(AttachRequest message) {
    if (!closed && requests != null) {
      requests.onNext(message);
    }
  }

  /** Whether all that was said is on its way, so that more would not be queued. */
  synchronized boolean hasRoom() {
    return !closed && requests != null && requests.isReady();
  }

  /** Says that there is no more to say. */
  synchronized void complete() {
    if (!closed && requests != null) {
      closed = true;
      requests.onCompleted();
    }
  }

  void welcomed() {
    welcome = true;
  }

  void settled() {
    settled = true;
  }

  /** Whether the gateway takes more than a hello. */
  boolean isWelcome() {
    return welcome && ended.getCount() > 0;
  }

  /** Waits for the end; whether the attachment had lasted. */
  boolean awaitEnd() throws InterruptedException {
    ended.await();
    return settled;
  }

  boolean endsWithin(Duration limit) throws InterruptedException {
    return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void onNext(AttachResponse message) {
    events.heard(this, message);
  }

  @Override
  public void onError(Throwable thrown) {
    end();
    events.broke(thrown);
  }

  @Override
  public void onCompleted() {
    boolean asked = end();
    if (!asked) {
      events.broke(
          Status.UNAVAILABLE.withDescription("the gateway ended the attachment").asException());
    }
  }

  /** Whether we had hung up before. */
  private synchronized boolean end() {
    boolean before = closed;
    closed = true;
    ended.countDown();
    return before;
  }
}

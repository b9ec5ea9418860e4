package dev.fluxgate.denoiser.rpc;

import dev.fluxgate.denoiser.job.DenoiseJob;
import dev.fluxgate.denoiser.job.EmbeddingStore;
import dev.fluxgate.denoiser.job.Lease;
import dev.fluxgate.denoiser.job.LeaseKeeper;
import dev.fluxgate.denoiser.picture.DrawingModel;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Credit;
import dev.fluxgate.v1.Draining;
import dev.fluxgate.v1.Heartbeat;
import dev.fluxgate.v1.Hello;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream by which a worker hangs on its gateway: dialled again after every loss, each time
 * saying anew what the worker holds, so that a gateway that restarts wastes no work.
 */
final class AttachmentClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttachmentClient.class);
  private static final int PROTOCOL = 1;
  private static final int FIRST_DELAY_MILLIS = 100;
  private static final int LONGEST_DELAY_MILLIS = 5000;

  private final ManagedChannel channel;
  private final String workerId;
  private final DrawingModel model;
  private final LeaseKeeper leases;
  private final EmbeddingStore embeddings;
  private final Consumer<DenoiseJob> assigned;
  private final Map<Lease, AttachRequest> undelivered = new LinkedHashMap<>();
  private final Thread dialler = Thread.ofVirtual().name("worker-attach").unstarted(this::dial);
  private int idle = 1;
  private @Nullable AttachmentStream stream;
  private boolean closed;

  /**
   * Attaches once started.
   *
   * @param assigned takes the leases as they come; never blocks
   */
  AttachmentClient(
      ManagedChannel channel,
      String workerId,
      DrawingModel model,
      LeaseKeeper leases,
      EmbeddingStore embeddings,
      Consumer<DenoiseJob> assigned) {
    this.channel = channel;
    this.workerId = workerId;
    this.model = model;
    this.leases = leases;
    this.embeddings = embeddings;
    this.assigned = assigned;
  }

  /** Begins to dial. */
  void start() {
    dialler.start();
  }

  /** Whether we are welcome on a stream that still stands. */
  synchronized boolean isAttached() {
    return stream != null && stream.isWelcome();
  }

  private void dial() {
    String instance = UUID.randomUUID().toString();
    int delay = FIRST_DELAY_MILLIS;
    try {
      while (true) {
        AttachmentStream attempt = open(instance);
        if (attempt == null) {
          return;
        }
        boolean wasWelcome = attempt.awaitEnd();
        delay = wasWelcome ? FIRST_DELAY_MILLIS : Math.min(LONGEST_DELAY_MILLIS, delay * 2);
        // Half of it by chance, so that the workers of a gateway do not return all at once.
        Thread.sleep(Duration.ofMillis(delay / 2 + ThreadLocalRandom.current().nextInt(delay)));
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer dialling");
    }
  }

  private synchronized @Nullable AttachmentStream open(String instance) {
    if (closed) {
      return null;
    }
    // We wait long enough between two tries; gRPC would wait up to two minutes.
    channel.resetConnectBackoff();
    AttachmentStream opened = new AttachmentStream(this);
    stream = opened;
    var _ = WorkerPlaneServiceGrpc.newStub(channel).attach(opened);
    opened.send(AttachRequest.newBuilder().setHello(hello(instance)).build());
    return opened;
  }

  private Hello hello(String instance) {
    List<Lease> held = new ArrayList<>(leases.leases());
    undelivered.keySet().stream().filter(lease -> !held.contains(lease)).forEach(held::add);
    return Hello.newBuilder()
        .setWorkerId(workerId)
        .setInstanceId(instance)
        .setProtocol(PROTOCOL)
        .setModel(DenoiseJobCodec.model(model))
        .addAllHeldEmbeddings(embeddings.hashes().stream().map(DenoiseJobCodec::hash).toList())
        .addAllHeldLeases(held.stream().map(DenoiseJobCodec::lease).toList())
        .build();
  }

  /** The stream {@code from} has something for us. */
  private void receive(AttachmentStream from, AttachResponse message) {
    switch (message.getMessageCase()) {
      case WELCOME -> welcomed(from, Duration.ofMillis(message.getWelcome().getHeartbeatMillis()));
      case ASSIGN -> {
        synchronized (this) {
          idle--;
        }
        assigned.accept(DenoiseJobCodec.job(message.getAssign()));
      }
      case CANCEL ->
          leases.stop(
              DenoiseJobCodec.lease(message.getCancel().getLease()), LeaseKeeper.Stop.CANCELLED);
      case REVOKE ->
          leases.stop(
              DenoiseJobCodec.lease(message.getRevoke().getLease()), LeaseKeeper.Stop.REVOKED);
      case MESSAGE_NOT_SET -> LOG.debug("a message of a newer gateway is ignored");
    }
  }

  private synchronized void welcomed(AttachmentStream from, Duration heartbeat) {
    undelivered.values().forEach(from::send);
    undelivered.clear();
    if (idle > 0) {
      from.send(credit(idle));
    }
    from.welcomed();
    Thread.ofVirtual().name("worker-heartbeat").start(() -> beat(from, heartbeat));
  }

  private void beat(AttachmentStream from, Duration heartbeat) {
    try {
      while (!from.endsWithin(heartbeat)) {
        Heartbeat.Builder message = Heartbeat.newBuilder();
        leases.leases().forEach(lease -> message.addLeases(DenoiseJobCodec.lease(lease)));
        from.send(AttachRequest.newBuilder().setHeartbeat(message).build());
      }
    } catch (InterruptedException e) {
      LOG.debug("no more heartbeats");
    }
  }

  /** Says something that is worth nothing later. */
  synchronized void tell(AttachRequest message) {
    if (stream != null && stream.isWelcome()) {
      stream.send(message);
    }
  }

  /** Says how the work on a lease ended; kept until there is a stream to say it on. */
  synchronized void deliver(Lease lease, AttachRequest message) {
    if (stream != null && stream.isWelcome()) {
      stream.send(message);
    } else {
      undelivered.put(lease, message);
    }
  }

  /** One more lease can be taken. */
  synchronized void ready() {
    idle++;
    tell(credit(1));
  }

  private static AttachRequest credit(int count) {
    return AttachRequest.newBuilder().setCredit(Credit.newBuilder().setCount(count)).build();
  }

  /** Asks for no more leases. */
  void drain() {
    tell(AttachRequest.newBuilder().setDraining(Draining.getDefaultInstance()).build());
  }

  /** Hangs up. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (stream != null) {
        stream.complete();
      }
    }
    dialler.interrupt();
  }

  /** One stream, as long as it lasts. Messages out may come from any thread. */
  private static final class AttachmentStream
      implements ClientResponseObserver<AttachRequest, AttachResponse> {
    private final AttachmentClient owner;
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable ClientCallStreamObserver<AttachRequest> requests;
    private volatile boolean welcome;
    private boolean closed;

    AttachmentStream(AttachmentClient owner) {
      this.owner = owner;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<AttachRequest> requests) {
      this.requests = requests;
    }

    synchronized void send(AttachRequest message) {
      if (!closed && requests != null && ended.getCount() > 0) {
        requests.onNext(message);
      }
    }

    synchronized void complete() {
      if (!closed && requests != null) {
        closed = true;
        requests.onCompleted();
      }
    }

    void welcomed() {
      welcome = true;
    }

    boolean isWelcome() {
      return welcome && ended.getCount() > 0;
    }

    /** Waits for the end; whether the gateway had welcomed us. */
    boolean awaitEnd() throws InterruptedException {
      ended.await();
      return welcome;
    }

    boolean endsWithin(Duration limit) throws InterruptedException {
      return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void onNext(AttachResponse message) {
      owner.receive(this, message);
    }

    @Override
    public void onError(Throwable thrown) {
      LOG.info("detached from the gateway: {}", Failure.ofCall(thrown).message());
      end();
    }

    @Override
    public void onCompleted() {
      LOG.debug("the gateway hung up");
      end();
    }

    private synchronized void end() {
      closed = true;
      ended.countDown();
    }
  }
}

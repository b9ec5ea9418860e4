package dev.fluxgate.denoiser.rpc;

import dev.fluxgate.denoiser.job.DenoiseJob;
import dev.fluxgate.denoiser.job.EmbeddingStore;
import dev.fluxgate.denoiser.job.GatewayContact;
import dev.fluxgate.denoiser.job.Lease;
import dev.fluxgate.denoiser.job.LeaseKeeper;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.JobFailedException.Fault;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.Welcome;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a worker hangs on its gateway: dialled again after every loss, each time saying anew what the
 * worker holds, so that a gateway that restarts wastes no work.
 *
 * <p>What must arrive (outcomes, credits, heartbeats) is said at once, or kept until there is a
 * gateway. What only its newest matters of (progress) waits while the stream has no room, in one
 * place. What may be lost (previews) is, then. So a slow link costs a bounded amount of memory.
 */
final class AttachmentClient implements AutoCloseable, AttachCallClient.Events {
  private static final Logger LOG = LoggerFactory.getLogger(AttachmentClient.class);
  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofMillis(4500);

  /** With {@link #LONGEST_DELAY} 5 s, after which a gateway that came back is found. */
  private static final Duration CONNECT_LIMIT = Duration.ofMillis(500);

  private static final Duration SHORTEST_HEARTBEAT = Duration.ofMillis(10);

  /** What a stream ends with when there is no gateway behind it; all else is what one says. */
  private static final Set<Status.Code> OUT_OF_REACH =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.CANCELLED,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN);

  private final ManagedChannel channel;
  private final DenoiseJobCodec.Worker worker;
  private final PictureMaker maker;
  private final LeaseKeeper leases;
  private final EmbeddingStore embeddings;
  private final Consumer<DenoiseJob> assigned;
  private final GatewayContact contact = new GatewayContact();
  private final Map<Lease, AttachRequest> undelivered = new LinkedHashMap<>();
  private final Thread dialler = Thread.ofVirtual().name("worker-attach").unstarted(this::dial);
  private int idle = 1;
  private boolean draining;
  private boolean closed;
  private Duration leaseTime = Duration.ZERO;
  private @Nullable AttachCallClient call;
  private @Nullable AttachRequest newestProgress;
  private @Nullable Outcome lastOutcome;

  /** What was said of a lease last, and when in nanoseconds. */
  private record Outcome(Lease lease, AttachRequest message, long saidAt) {}

  /**
   * Attaches once started.
   *
   * @param assigned takes the leases as they come; never blocks
   */
  AttachmentClient(
      ManagedChannel channel,
      String workerId,
      PictureMaker maker,
      LeaseKeeper leases,
      EmbeddingStore embeddings,
      Consumer<DenoiseJob> assigned) {
    this.channel = channel;
    worker = new DenoiseJobCodec.Worker(workerId, UUID.randomUUID().toString(), maker.model());
    this.maker = maker;
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
    return attached() != null;
  }

  private void dial() {
    Duration delay = FIRST_DELAY;
    try {
      while (true) {
        awaitConnection();
        AttachCallClient attempt = open();
        if (attempt == null) {
          return;
        }
        boolean lasted = attempt.awaitEnd();
        Duration longer = delay.multipliedBy(2);
        delay = lasted ? FIRST_DELAY : longer.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : longer;
        // Half of it by chance, so that the workers of a gateway do not return all at once.
        long half = delay.toMillis() / 2;
        Thread.sleep(half + ThreadLocalRandom.current().nextLong(half + 1));
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer dialling");
    }
  }

  /**
   * Gives a connection the time to come about. Left alone a channel waits ever longer between its
   * own attempts, up to minutes, and meanwhile fails every call.
   */
  private void awaitConnection() throws InterruptedException {
    channel.resetConnectBackoff();
    long end = System.nanoTime() + CONNECT_LIMIT.toNanos();
    ConnectivityState state = channel.getState(true);
    while (state != ConnectivityState.READY && System.nanoTime() - end < 0) {
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      boolean _ = changed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      state = channel.getState(true);
    }
  }

  private synchronized @Nullable AttachCallClient open() {
    if (closed) {
      return null;
    }
    newestProgress = null;
    recallLastOutcome();
    AttachCallClient opened = new AttachCallClient(this);
    call = opened;
    var _ = WorkerPlaneServiceGrpc.newStub(channel).attach(opened);
    List<Lease> held = new ArrayList<>(leases.leases());
    undelivered.keySet().stream().filter(lease -> !held.contains(lease)).forEach(held::add);
    opened.send(DenoiseJobCodec.hello(worker, embeddings.hashes(), held));
    return opened;
  }

  /**
   * The stream that is gone may have taken what was said on it along. Saying it twice is harmless,
   * and useless once the lease has run out.
   */
  private void recallLastOutcome() {
    Outcome last = lastOutcome;
    lastOutcome = null;
    if (last != null && System.nanoTime() - last.saidAt() < leaseTime.toNanos()) {
      undelivered.putIfAbsent(last.lease(), last.message());
    }
  }

  @Override
  public void heard(AttachCallClient from, AttachResponse message) {
    switch (message.getMessageCase()) {
      case WELCOME -> welcomed(from, message.getWelcome());
      case ASSIGN -> assigned(message.getAssign());
      case CANCEL ->
          leases.stop(
              DenoiseJobCodec.lease(message.getCancel().getLease()), LeaseKeeper.Stop.CANCELLED);
      case REVOKE ->
          leases.stop(
              DenoiseJobCodec.lease(message.getRevoke().getLease()), LeaseKeeper.Stop.REVOKED);
      case PLAN -> from.send(answer(message.getPlan()));
      case MESSAGE_NOT_SET -> LOG.debug("a message of a newer gateway is ignored");
    }
  }

  private synchronized void welcomed(AttachCallClient from, Welcome welcome) {
    leaseTime = Duration.ofMillis(welcome.getLeaseMillis());
    from.welcomed();
    contact.welcomed().ifPresent(AttachmentClient::log);
    Map<Lease, AttachRequest> kept = new LinkedHashMap<>(undelivered);
    undelivered.clear();
    kept.forEach(this::deliver);
    if (draining) {
      from.send(DenoiseJobCodec.draining());
    } else if (idle > 0) {
      from.send(DenoiseJobCodec.credit(idle));
    }
    Duration heartbeat = Duration.ofMillis(welcome.getHeartbeatMillis());
    Duration period = heartbeat.compareTo(SHORTEST_HEARTBEAT) < 0 ? SHORTEST_HEARTBEAT : heartbeat;
    Thread.ofVirtual().name("worker-heartbeat").start(() -> beat(from, period));
  }

  private void beat(AttachCallClient from, Duration period) {
    try {
      while (!from.endsWithin(period)) {
        from.settled();
        contact.settled().ifPresent(AttachmentClient::log);
        from.send(DenoiseJobCodec.heartbeat(leases.leases()));
      }
    } catch (InterruptedException e) {
      LOG.debug("no more heartbeats");
    }
  }

  private synchronized void assigned(Assign assign) {
    // It came after the outcome of the lease before, so that one has arrived.
    lastOutcome = null;
    idle--;
    Lease lease = DenoiseJobCodec.lease(assign.getLease());
    if (draining) {
      refuse(lease, Fault.PREEMPTION, "PREEMPTED", "the worker is leaving");
      return;
    }
    try {
      assigned.accept(DenoiseJobCodec.job(assign));
    } catch (IllegalArgumentException e) {
      LOG.warn("job {} epoch {}: {}", lease.jobId(), lease.epoch(), e.getMessage());
      refuse(lease, Fault.REQUEST, "INVALID_REQUEST", String.valueOf(e.getMessage()));
    }
  }

  // A question that trips us must not end the stream, on which all leases hang.
  @SuppressWarnings("checkstyle:IllegalCatch")
  private AttachRequest answer(Plan plan) {
    try {
      Drawing drawing = DrawingCodec.drawing(plan.getParameters(), "");
      PictureMaker.Need need = maker.plan(drawing, DrawingCodec.shapes(plan));
      return DenoiseJobCodec.planned(plan.getId(), need);
    } catch (IllegalArgumentException e) {
      return DenoiseJobCodec.impossible(plan.getId(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("plan {}: cannot be told", plan.getId(), e);
      return DenoiseJobCodec.unplanned(plan.getId());
    }
  }

  private void refuse(Lease lease, Fault fault, String reason, String message) {
    deliver(lease, DenoiseJobCodec.nack(lease, fault, reason, message));
    ready();
  }

  @Override
  public void broke(Throwable thrown) {
    Failure failure = Failure.ofCall(thrown);
    Throwable cause = Status.fromThrowable(thrown).getCause();
    var line =
        OUT_OF_REACH.contains(failure.code())
            // "io exception" says nothing; what caused it names the address.
            ? contact.lost(cause == null ? failure.message() : Failure.messageOf(cause))
            : contact.refused(failure.reason(), failure.message());
    line.ifPresent(AttachmentClient::log);
  }

  private static void log(GatewayContact.Line line) {
    if (line.warning()) {
      LOG.warn(line.text());
    } else {
      LOG.info(line.text());
    }
  }

  @Override
  public synchronized void hasRoom(AttachCallClient from) {
    AttachRequest waiting = newestProgress;
    if (from == call && waiting != null && from.hasRoom()) {
      newestProgress = null;
      from.send(waiting);
    }
  }

  /** Says how far a job is, now or, if nothing newer comes, when there is room. */
  synchronized void tell(AttachRequest progress) {
    AttachCallClient attached = attached();
    if (attached == null) {
      return;
    }
    if (attached.hasRoom()) {
      newestProgress = null;
      attached.send(progress);
    } else {
      newestProgress = progress;
    }
  }

  /** Says what may be lost; it is, unless there is room for it now. */
  synchronized void show(AttachRequest preview) {
    AttachCallClient attached = attached();
    if (attached != null && attached.hasRoom()) {
      attached.send(preview);
    }
  }

  /** Says how the work on a lease ended; kept until there is a stream to say it on. */
  synchronized void deliver(Lease lease, AttachRequest message) {
    newestProgress = null;
    AttachCallClient attached = attached();
    if (attached == null) {
      undelivered.put(lease, message);
    } else {
      attached.send(message);
      lastOutcome = new Outcome(lease, message, System.nanoTime());
    }
  }

  private @Nullable AttachCallClient attached() {
    return call != null && call.isWelcome() ? call : null;
  }

  /** One more lease can be taken. */
  synchronized void ready() {
    idle++;
    AttachCallClient attached = attached();
    if (attached != null && !draining) {
      attached.send(DenoiseJobCodec.credit(1));
    }
  }

  /** Asks for no more leases, now and after every reconnect; those that come are given back. */
  synchronized void drain() {
    draining = true;
    AttachCallClient attached = attached();
    if (attached != null) {
      attached.send(DenoiseJobCodec.draining());
    }
  }

  /** Hangs up. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (call != null) {
        call.complete();
      }
    }
    dialler.interrupt();
  }
}

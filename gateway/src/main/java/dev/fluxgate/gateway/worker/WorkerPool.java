package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.event.JobEvents;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.job.LeaseLostException;
import dev.fluxgate.gateway.job.LeaseOutcome;
import dev.fluxgate.gateway.job.LeaseRef;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attached workers. Leases jobs to them on their behalf as they grant credits, and takes leases
 * back when they fail, fall silent or leave. Whether a write of a worker counts is decided by the
 * job store alone.
 */
public final class WorkerPool {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

  /** Workers of a model that are asked about one request. */
  private static final int MAX_ASKED = 8;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Attachment> byWorker = new LinkedHashMap<>();
  private final Affinity affinity = new Affinity();
  private final LongAdder expired = new LongAdder();
  private final JobStore jobs;
  private final JobEvents events;
  private final LeaseTimes times;
  private final RetryPolicy retries;
  private final InstantSource clock;
  private final Prospects prospects;
  private final Map<String, DrawingModel> models = new TreeMap<>();

  /**
   * A question that a worker was asked.
   *
   * @param worker who
   * @param answer comes within {@link LeaseTimes#answer}; silence is {@link PlanAnswer#NONE}
   */
  public record Asked(Attachment worker, CompletableFuture<PlanAnswer> answer) {}

  /**
   * A pool without workers.
   *
   * @param clock tells for how long a job has been refused by all
   */
  public WorkerPool(
      JobStore jobs, JobEvents events, LeaseTimes times, RetryPolicy retries, InstantSource clock) {
    this.jobs = jobs;
    this.events = events;
    this.times = times;
    this.retries = retries;
    this.clock = clock;
    // As long as a worker that fell silent keeps its lease, one that could draw a job may be away.
    prospects = new Prospects(times.lease());
  }

  /** How long things may take. */
  public LeaseTimes times() {
    return times;
  }

  /** The models that workers have drawn with, by name; whether one is attached now or not. */
  public List<DrawingModel> models() {
    lock.lock();
    try {
      return List.copyOf(models.values());
    } finally {
      lock.unlock();
    }
  }

  /** How many workers with this model are attached. */
  public int attachedWith(String modelHash) {
    lock.lock();
    try {
      return (int)
          byWorker.values().stream().filter(attachment -> attachment.drawsWith(modelHash)).count();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a worker in, and settles what it holds: leases that are still its own live on, others are
   * revoked, and what it had but no longer works on goes back into the queue.
   *
   * @param session names the attachment in logs
   * @throws ModelMismatchException if another worker draws with another model of the same name
   */
  public Attachment attach(String session, WorkerGreeting greeting, WorkerLink link) {
    lock.lock();
    try {
      requireSameModel(greeting);
      Attachment attachment = new Attachment(session, greeting, link);
      Attachment old = byWorker.put(greeting.workerId(), attachment);
      models.put(greeting.model().name(), greeting.model());
      if (old != null) {
        old.hangUp();
        old.link().replaced();
      }
      link.welcome(session);
      settle(attachment);
      LOG.info(
          "worker {} attached, session {}, model {}",
          greeting.workerId(),
          attachment.session(),
          greeting.model().modelHash());
      return attachment;
    } finally {
      lock.unlock();
    }
  }

  private void requireSameModel(WorkerGreeting greeting) {
    DrawingModel model = greeting.model();
    for (Attachment other : byWorker.values()) {
      DrawingModel theirs = other.greeting().model();
      if (!other.greeting().workerId().equals(greeting.workerId())
          && theirs.name().equals(model.name())
          && !theirs.modelHash().equals(model.modelHash())) {
        throw new ModelMismatchException(model, theirs, other.greeting().workerId());
      }
    }
  }

  private void settle(Attachment attachment) {
    WorkerGreeting greeting = attachment.greeting();
    List<Job> leased = jobs.heldBy(greeting.workerId());
    for (Job job : leased) {
      if (greeting.heldLeases().contains(job.leaseRef())) {
        jobs.extend(job.leaseRef(), times.lease());
        if (job.cancelRequested()) {
          attachment.link().cancel(job.leaseRef());
        }
      } else {
        finish(job.leaseRef(), retries.afterLapse(job));
      }
    }
    List<LeaseRef> kept = leased.stream().map(Job::leaseRef).toList();
    greeting.heldLeases().stream()
        .filter(lease -> !kept.contains(lease))
        .forEach(attachment.link()::revoke);
  }

  /** The worker can take so many jobs more. */
  public void credit(Attachment attachment, int count) {
    guarded(() -> attachment.grant(count));
    dispatch();
  }

  /** The worker takes no more jobs. */
  public void drain(Attachment attachment) {
    guarded(attachment::drain);
  }

  /**
   * The stream of a worker is gone. Its leases live on for a while, in case only the stream broke.
   */
  public void detach(Attachment attachment) {
    attachment.hangUp();
    lock.lock();
    try {
      // A stream that was replaced has no say any more.
      if (byWorker.remove(attachment.greeting().workerId(), attachment)) {
        LOG.info("worker {} detached", attachment.greeting().workerId());
        for (Job job : jobs.heldBy(attachment.greeting().workerId())) {
          extend(attachment, job.leaseRef(), times.reconnect());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** The worker is alive and works on these; a lease that is not its own is revoked. */
  public void heartbeat(Attachment attachment, List<LeaseRef> leases) {
    leases.forEach(lease -> extend(attachment, lease, times.lease()));
  }

  /**
   * Asks workers with this model, those with the most memory, whether they could draw something.
   * Every answer comes within {@link LeaseTimes#answer}; silence is {@link PlanAnswer#NONE}.
   */
  public List<Asked> ask(String modelHash, PlanQuestion question) {
    lock.lock();
    try {
      return byWorker.values().stream()
          .filter(attachment -> !attachment.isDraining())
          .filter(attachment -> attachment.drawsWith(modelHash))
          .sorted(Attachment.MOST_MEMORY_FIRST)
          .limit(MAX_ASKED)
          .map(attachment -> new Asked(attachment, attachment.ask(question, times.answer())))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** A worker answers what it was asked. */
  public void answered(Attachment attachment, long id, PlanAnswer answer) {
    attachment.answered(id, answer);
  }

  /** Remembers of a job that is about to be accepted what workers said of it, or will. */
  public void heed(Job job, List<Asked> asked) {
    guarded(() -> prospects.open(job));
    for (Asked each : asked) {
      var _ = each.answer().thenAccept(answer -> heard(job.id(), each.worker(), answer));
    }
  }

  private void heard(String jobId, Attachment attachment, PlanAnswer answer) {
    if (answer.equals(PlanAnswer.NONE)) {
      return;
    }
    guarded(
        answer.isYes()
            ? () -> prospects.can(jobId, attachment)
            : () -> prospects.cannot(jobId, attachment, answer.objection()));
  }

  /** Listens to changes of jobs: what workers said of one is forgotten when it ends. */
  public void onChange(Job job) {
    if (job.state().isEnd()) {
      forget(job.id());
    }
  }

  /** There is no such job, or no longer. */
  public void forget(String jobId) {
    guarded(() -> {
      prospects.close(jobId);
      affinity.forget(jobId);
      byWorker.values().forEach(attachment -> attachment.forget(jobId));
    });
  }

  /** The worker has done something. */
  public void progress(Attachment attachment, LeaseRef lease, Job.Progress progress) {
    orRevoke(attachment, lease, () -> jobs.progress(lease, progress));
  }

  /** Shows a preview to whoever watches. */
  public void preview(Attachment attachment, LeaseRef lease, Preview preview) {
    orRevoke(
        attachment,
        lease,
        () -> {
          jobs.extend(lease, times.lease());
          events.publish(lease.jobId(), preview);
        });
  }

  /** All pictures of a lease are stored. */
  public void complete(Attachment attachment, LeaseRef lease, LeaseOutcome.Succeeded done) {
    orRevoke(
        attachment,
        lease,
        () -> {
          Job job = jobs.extend(lease, times.lease());
          int stored = job.images().size();
          LeaseOutcome outcome =
              stored == job.parameters().numImages()
                  ? done
                  : retries.afterNack(
                      job,
                      NackReason.WORKER_SUSPECT,
                      new Job.JobError(
                          "IMAGES_MISSING",
                          "images: "
                              + stored
                              + " uploaded (expected: "
                              + job.parameters().numImages()
                              + ")"));
          jobs.finish(lease, outcome);
        });
  }

  /** A lease ends without pictures. */
  public void nack(Attachment attachment, LeaseRef lease, NackReason reason, Job.JobError error) {
    orRevoke(
        attachment,
        lease,
        () -> {
          Job job = jobs.extend(lease, times.lease());
          LOG.info("job {} given back: {} {}", lease.jobId(), reason, error.reason());
          if (reason == NackReason.TOO_LARGE) {
            guarded(() -> prospects.cannot(lease.jobId(), attachment, error));
          }
          jobs.finish(lease, retries.afterNack(job, reason, error));
        });
    dispatch();
  }

  /**
   * Says that a lease is in use, as an upload does.
   *
   * @throws LeaseLostException if it is no longer its worker's
   */
  public Job touch(LeaseRef lease) {
    return jobs.extend(lease, times.lease());
  }

  /**
   * Notes a picture whose bytes are stored.
   *
   * @throws LeaseLostException if the lease was lost meanwhile
   */
  public void uploaded(LeaseRef lease, StoredImage image) {
    jobs.addImage(lease, image);
  }

  /** Passes the wish of a job's owner on to the worker that has it. */
  public void cancel(Job job) {
    String worker = job.lease().worker();
    if (job.state() != JobState.RUNNING || worker == null) {
      return;
    }
    lock.lock();
    try {
      Attachment attachment = byWorker.get(worker);
      if (attachment != null) {
        attachment.link().cancel(job.leaseRef());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Leases what waits to whoever has credit. */
  public void dispatch() {
    lock.lock();
    try {
      for (Attachment attachment : List.copyOf(byWorker.values())) {
        serve(attachment);
      }
    } finally {
      lock.unlock();
    }
  }

  private void serve(Attachment attachment) {
    String worker = attachment.greeting().workerId();
    String modelHash = attachment.greeting().model().modelHash();
    while (attachment.canTake()) {
      // However many it refused: what it may have is not hidden behind them.
      List<Job> eligible =
          jobs.waiting(modelHash, Affinity.WINDOW + attachment.refusals()).stream()
              .filter(job -> mayHave(attachment, job))
              .limit(Affinity.WINDOW)
              .toList();
      Optional<Job> choice = affinity.choose(eligible, attachment.held());
      if (choice.isEmpty()) {
        return;
      }
      jobs.lease(choice.get().id(), worker, times.lease())
          .ifPresent(job -> assign(attachment, job));
    }
  }

  private void assign(Attachment attachment, Job job) {
    prospects.open(job);
    prospects.can(job.id(), attachment);
    attachment.assign(job);
  }

  private boolean mayHave(Attachment attachment, Job job) {
    return attachment.refusal(job.id()) == null
        && (!isExcluded(attachment, job)
            || byWorker.values().stream().noneMatch(other -> isBetter(other, job)));
  }

  /** Whether a job that was tried in vain should rather wait for this worker. */
  private static boolean isBetter(Attachment other, Job job) {
    return other.drawsWith(job.modelHash())
        && !other.isDraining()
        && other.refusal(job.id()) == null
        && !isExcluded(other, job);
  }

  private static boolean isExcluded(Attachment attachment, Job job) {
    return job.lease().excluded().contains(attachment.greeting().workerId());
  }

  /** Leases taken back so far from workers that fell silent. */
  public long expired() {
    return expired.sum();
  }

  /**
   * Takes back what lapsed, stops what is overdue, gives up what no worker can draw, leases what
   * may be tried again.
   */
  public void sweep() {
    JobStore.Sweep sweep = jobs.sweep();
    sweep.overdue().forEach(this::cancel);
    for (Job job : sweep.lapsed()) {
      expired.increment();
      LOG.warn("job {}: worker {} fell silent", job.id(), job.lease().worker());
      finish(job.leaseRef(), retries.afterLapse(job));
    }
    giveUpHopeless();
    dispatch();
  }

  private void giveUpHopeless() {
    guarded(() -> prospects.hopeless(byWorker.values(), clock.instant()).forEach(jobs::abandon));
  }

  private void guarded(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  private void finish(LeaseRef lease, LeaseOutcome outcome) {
    try {
      jobs.finish(lease, outcome);
    } catch (LeaseLostException e) {
      // Someone else ended this lease first, which is all that was wanted.
      LOG.debug("lease already ended", e);
    }
  }

  private void extend(Attachment attachment, LeaseRef lease, Duration duration) {
    orRevoke(attachment, lease, () -> jobs.extend(lease, duration));
  }

  private static void orRevoke(Attachment attachment, LeaseRef lease, Runnable write) {
    try {
      write.run();
    } catch (LeaseLostException e) {
      LOG.info("revoked from {}: {}", attachment.greeting().workerId(), e.getMessage());
      attachment.link().revoke(lease);
    }
  }
}

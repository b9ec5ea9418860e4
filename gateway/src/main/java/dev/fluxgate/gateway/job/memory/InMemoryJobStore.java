package dev.fluxgate.gateway.job.memory;

import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobPage;
import dev.fluxgate.gateway.job.JobQuery;
import dev.fluxgate.gateway.job.JobStage;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.job.LeaseLostException;
import dev.fluxgate.gateway.job.LeaseOutcome;
import dev.fluxgate.gateway.job.LeaseRef;
import dev.fluxgate.gateway.job.PageTokenException;
import dev.fluxgate.gateway.job.RequestIdReusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Jobs of one process, lost with it. Holds every job that has not ended, and the newest of those
 * that have.
 */
public final class InMemoryJobStore implements JobStore {
  private record RequestKey(String tenant, String requestId) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final SequencedMap<String, Job> jobs = new LinkedHashMap<>();
  private final Map<RequestKey, String> requests = new LinkedHashMap<>();
  private final Deque<String> ended = new ArrayDeque<>();
  private final Clock clock;
  private final int maxEnded;
  private final Consumer<Job> listener;

  /**
   * An empty store.
   *
   * @param maxEnded how many ended jobs are remembered
   * @param listener told of every change, after it was made
   */
  public InMemoryJobStore(Clock clock, int maxEnded, Consumer<Job> listener) {
    this.clock = clock;
    this.maxEnded = maxEnded;
    this.listener = listener;
  }

  @Override
  public Job create(Job job) {
    lock.lock();
    try {
      String requestId = job.request().requestId();
      if (requestId != null) {
        RequestKey key = new RequestKey(job.request().tenant(), requestId);
        Job earlier = known(requests.get(key));
        if (earlier != null) {
          return same(earlier, job.request());
        }
        requests.put(key, job.id());
      }
      jobs.put(job.id(), job);
    } finally {
      lock.unlock();
    }
    listener.accept(job);
    return job;
  }

  private static Job same(Job earlier, Job.Request request) {
    if (!earlier.request().equals(request)) {
      throw new RequestIdReusedException(String.valueOf(request.requestId()), earlier.id());
    }
    return earlier;
  }

  @Override
  public Optional<Job> find(String tenant, String id) {
    lock.lock();
    try {
      return Optional.ofNullable(known(id)).filter(job -> job.request().tenant().equals(tenant));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public JobPage list(String tenant, JobQuery query) {
    String token = query.pageToken();
    lock.lock();
    try {
      if (!token.isEmpty() && find(tenant, token).isEmpty()) {
        throw new PageTokenException(token);
      }
      Stream<Job> newestFirst = jobs.sequencedValues().reversed().stream();
      // The token is the last job of the page before.
      Stream<Job> after =
          token.isEmpty()
              ? newestFirst
              : newestFirst.dropWhile(job -> !job.id().equals(token)).skip(1);
      List<Job> found =
          after
              .filter(job -> job.request().tenant().equals(tenant))
              .filter(job -> query.states().isEmpty() || query.states().contains(job.state()))
              .limit(query.pageSize() + 1L)
              .toList();
      if (found.size() <= query.pageSize()) {
        return new JobPage(found, "");
      }
      List<Job> page = found.subList(0, query.pageSize());
      return new JobPage(page, page.getLast().id());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Job> findRequest(String tenant, String requestId) {
    lock.lock();
    try {
      return Optional.ofNullable(known(requests.get(new RequestKey(tenant, requestId))));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Job> embedded(String id, Job.Embeddings embeddings) {
    return change(
        id,
        job -> job.state() == JobState.QUEUED && job.embeddings() == null,
        (job, next) -> {
          Instant now = clock.instant();
          Job.Times times = job.times();
          next.embeddings = embeddings;
          next.progress = new Job.Progress(JobStage.WAITING, 0, 0);
          next.times = new Job.Times(times.created(), times.deadline(), now, null);
          next.timings = new Job.Timings(millis(times.created(), now), 0, 0, 0);
        });
  }

  @Override
  public void abandon(String id, Job.JobError error) {
    change(
        id,
        job -> job.state() == JobState.QUEUED,
        (_, next) -> {
          next.error = error;
          end(next, JobState.FAILED);
        });
  }

  @Override
  public List<Job> waiting(String modelHash, int limit) {
    Instant now = clock.instant();
    return select(
        job ->
            job.state() == JobState.QUEUED
                && job.embeddings() != null
                && job.modelHash().equals(modelHash)
                && !job.lease().until().isAfter(now),
        limit);
  }

  @Override
  public Optional<Job> lease(String id, String worker, Duration duration) {
    return change(
        id,
        job -> job.state() == JobState.QUEUED && job.embeddings() != null,
        (job, next) -> {
          Instant now = clock.instant();
          Job.Lease last = job.lease();
          next.state = JobState.RUNNING;
          next.images = List.of();
          next.progress = new Job.Progress(JobStage.DENOISING, 0, 0);
          next.lease =
              new Job.Lease(
                  last.epoch() + 1, worker, now.plus(duration), last.attempts(), last.excluded());
          Instant embedded = job.times().embedded();
          if (last.epoch() == 0 && embedded != null) {
            next.timings =
                new Job.Timings(job.timings().encodeMillis(), millis(embedded, now), 0, 0);
          }
        });
  }

  @Override
  public Job extend(LeaseRef ref, Duration duration) {
    // Nobody watches leases: a heartbeat is no event and raises no sequence.
    lock.lock();
    try {
      Job job = held(ref);
      Job.Lease lease = job.lease();
      JobChange next = new JobChange(job);
      next.lease =
          new Job.Lease(
              lease.epoch(),
              lease.worker(),
              clock.instant().plus(duration),
              lease.attempts(),
              lease.excluded());
      Job prolonged = next.quietlyDone();
      jobs.put(job.id(), prolonged);
      return prolonged;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Job progress(LeaseRef ref, Job.Progress progress) {
    return fenced(
        ref,
        (job, next) -> {
          Job.Progress last = job.progress();
          boolean forward =
              progress.step() >= last.step()
                  && progress.stage().compareTo(last.stage()) >= 0
                  && progress.step() <= progress.totalSteps();
          next.progress = forward ? progress : last;
        });
  }

  @Override
  public Job addImage(LeaseRef ref, StoredImage image) {
    return fenced(
        ref,
        (job, next) ->
            next.images =
                Stream.concat(
                        job.images().stream().filter(other -> other.index() != image.index()),
                        Stream.of(image))
                    .sorted(Comparator.comparingInt(StoredImage::index))
                    .toList());
  }

  @Override
  public Job finish(LeaseRef ref, LeaseOutcome outcome) {
    if (outcome instanceof LeaseOutcome.Succeeded) {
      lock.lock();
      try {
        Job job = known(ref.jobId());
        if (job != null && job.state() == JobState.SUCCEEDED && job.leaseRef().equals(ref)) {
          return job;
        }
      } finally {
        lock.unlock();
      }
    }
    return fenced(ref, (job, next) -> apply(job, next, outcome));
  }

  private void apply(Job job, JobChange next, LeaseOutcome outcome) {
    switch (outcome) {
      case LeaseOutcome.Succeeded done -> {
        if (job.images().size() != job.parameters().numImages()) {
          throw new IllegalStateException(
              "images: "
                  + job.images().size()
                  + " (expected: "
                  + job.parameters().numImages()
                  + ")");
        }
        Job.Timings so = job.timings();
        next.timings =
            new Job.Timings(
                so.encodeMillis(), so.waitMillis(), done.denoiseMillis(), done.decodeMillis());
        end(next, JobState.SUCCEEDED);
      }
      case LeaseOutcome.Failed(Job.JobError error) -> {
        next.error = error;
        end(next, JobState.FAILED);
      }
      case LeaseOutcome.Returned returned -> {
        if (job.cancelRequested()) {
          end(next, JobState.CANCELLED);
        } else if (isOverdue(job)) {
          end(next, JobState.EXPIRED);
        } else {
          requeue(job, next, returned);
        }
      }
    }
  }

  private void requeue(Job job, JobChange next, LeaseOutcome.Returned returned) {
    Job.Lease last = job.lease();
    Set<String> excluded = new HashSet<>(last.excluded());
    if (returned.excludesWorker() && last.worker() != null) {
      excluded.add(last.worker());
    }
    next.state = JobState.QUEUED;
    next.images = List.of();
    next.progress = new Job.Progress(JobStage.WAITING, 0, 0);
    next.lease =
        new Job.Lease(
            last.epoch(),
            null,
            clock.instant().plus(returned.delay()),
            last.attempts() + (returned.isAttempt() ? 1 : 0),
            excluded);
  }

  @Override
  public Optional<Job> requestCancel(String tenant, String id) {
    Optional<Job> found = find(tenant, id);
    if (found.isEmpty()) {
      return found;
    }
    return change(
            id,
            job -> !job.state().isEnd() && !job.cancelRequested(),
            (job, next) -> {
              next.cancelRequested = true;
              if (job.state() == JobState.QUEUED) {
                end(next, JobState.CANCELLED);
              }
            })
        .or(() -> find(tenant, id));
  }

  @Override
  public List<Job> heldBy(String worker) {
    return select(
        job -> job.state() == JobState.RUNNING && worker.equals(job.lease().worker()),
        Integer.MAX_VALUE);
  }

  @Override
  public Sweep sweep() {
    for (Job late :
        select(job -> job.state() == JobState.QUEUED && isOverdue(job), Integer.MAX_VALUE)) {
      change(
          late.id(),
          job -> job.state() == JobState.QUEUED,
          (_, next) -> end(next, JobState.EXPIRED));
    }
    Instant now = clock.instant();
    List<Job> running = select(job -> job.state() == JobState.RUNNING, Integer.MAX_VALUE);
    return new Sweep(
        running.stream().filter(job -> job.lease().until().isBefore(now)).toList(),
        running.stream().filter(this::isOverdue).toList());
  }

  @Override
  public Backlog backlog() {
    List<Job> queued = select(job -> job.state() == JobState.QUEUED, Integer.MAX_VALUE);
    return new Backlog(
        queued.size(), queued.stream().mapToLong(job -> job.parameters().cost()).sum());
  }

  private boolean isOverdue(Job job) {
    return job.times().deadline().isBefore(clock.instant());
  }

  private void end(JobChange next, JobState state) {
    Job.Times times = next.times;
    next.state = state;
    next.times =
        new Job.Times(times.created(), times.deadline(), times.embedded(), clock.instant());
  }

  @FunctionalInterface
  private interface Change {
    void make(Job job, JobChange next);
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds(Job job);
  }

  /** Changes a leased job, or throws {@link LeaseLostException}. */
  private Job fenced(LeaseRef ref, Change change) {
    Job after;
    lock.lock();
    try {
      after = replace(held(ref), change);
    } finally {
      lock.unlock();
    }
    listener.accept(after);
    return after;
  }

  private Optional<Job> change(String id, Condition condition, Change change) {
    Job after;
    lock.lock();
    try {
      Job job = known(id);
      if (job == null || !condition.holds(job)) {
        return Optional.empty();
      }
      after = replace(job, change);
    } finally {
      lock.unlock();
    }
    listener.accept(after);
    return Optional.of(after);
  }

  private Job replace(Job job, Change change) {
    JobChange next = new JobChange(job);
    change.make(job, next);
    Job after = next.done();
    jobs.put(job.id(), after);
    if (after.state().isEnd()) {
      ended.addLast(job.id());
      forget();
    }
    return after;
  }

  private void forget() {
    while (ended.size() > maxEnded) {
      Job oldest = jobs.remove(ended.removeFirst());
      String requestId = oldest == null ? null : oldest.request().requestId();
      if (oldest != null && requestId != null) {
        requests.remove(new RequestKey(oldest.request().tenant(), requestId));
      }
    }
  }

  private Job held(LeaseRef ref) {
    Job job = known(ref.jobId());
    if (job == null) {
      throw new LeaseLostException(ref, "a job that is known");
    }
    if (job.state() != JobState.RUNNING || job.lease().epoch() != ref.epoch()) {
      throw new LeaseLostException(
          ref, "epoch " + job.lease().epoch() + " of a job that is " + job.state());
    }
    return job;
  }

  private @Nullable Job known(@Nullable String id) {
    return id == null ? null : jobs.get(id);
  }

  private List<Job> select(Condition condition, int limit) {
    lock.lock();
    try {
      List<Job> some = new ArrayList<>();
      for (Job job : jobs.values()) {
        if (some.size() < limit && condition.holds(job)) {
          some.add(job);
        }
      }
      return some;
    } finally {
      lock.unlock();
    }
  }

  private static long millis(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis());
  }
}

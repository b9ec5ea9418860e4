package dev.fluxgate.gateway.job;

import dev.fluxgate.gateway.image.StoredImage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where jobs live, and the only place where they change. Every write of a worker names its lease,
 * and is refused with {@link LeaseLostException} once the job has a higher epoch or has ended. All
 * comparisons with the time use the store's clock. Watching is apart, see {@code JobEvents}.
 */
public interface JobStore {

  /**
   * What waits.
   *
   * @param jobs number of jobs that are QUEUED
   * @param cost sum of their costs
   */
  record Backlog(int jobs, long cost) {}

  /**
   * What time has undone.
   *
   * @param lapsed jobs whose lease was not prolonged in time
   * @param overdue jobs that run beyond their deadline
   */
  record Sweep(List<Job> lapsed, List<Job> overdue) {}

  /**
   * Accepts a job; it is safe once this returns.
   *
   * @return the job, or the one that the same request made before
   * @throws RequestIdReusedException if another request had this id
   */
  Job create(Job job);

  /** The job of this id, if this tenant has one. */
  Optional<Job> find(String tenant, String id);

  /**
   * Jobs of this tenant, the newest first.
   *
   * @throws PageTokenException for a token that is none
   */
  JobPage list(String tenant, JobQuery query);

  /** The job that the request of this id made, if there was one. */
  Optional<Job> findRequest(String tenant, String requestId);

  /** Notes the embeddings of a job and lets it wait for a worker; empty if it has ended. */
  Optional<Job> embedded(String id, Job.Embeddings embeddings);

  /** Fails a job that no worker has; nothing happens if it has ended. */
  void abandon(String id, Job.JobError error);

  /** Jobs that wait for a worker with this model, the first to be served first. */
  List<Job> waiting(String modelHash, int limit);

  /** Leases a job to a worker under a new epoch; empty if it no longer waits. */
  Optional<Job> lease(String id, String worker, Duration duration);

  /** Lets a lease live for {@code duration} from now. */
  Job extend(LeaseRef ref, Duration duration);

  /** Notes what a worker has done; going backwards is ignored. */
  Job progress(LeaseRef ref, Job.Progress progress);

  /** Notes a stored picture; the last of an index counts. */
  Job addImage(LeaseRef ref, StoredImage image);

  /** Ends a lease. Repeating a success is harmless. */
  Job finish(LeaseRef ref, LeaseOutcome outcome);

  /**
   * Ends a job that is QUEUED as CANCELLED, marks one that is RUNNING, leaves one that has ended.
   */
  Optional<Job> requestCancel(String tenant, String id);

  /** The jobs leased to this worker. */
  List<Job> heldBy(String worker);

  /** Expires what waits beyond its deadline, and tells what else time has undone. */
  Sweep sweep();

  /** What waits. */
  Backlog backlog();
}

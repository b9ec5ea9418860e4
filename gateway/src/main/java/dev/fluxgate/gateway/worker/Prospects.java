package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.job.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who can draw the jobs that have not ended, as far as workers told (ADR 20). Guarded by the pool's
 * lock.
 *
 * <p>That a worker cannot is known to its attachment and forgotten with it: it may come back with
 * more memory. That a worker can outlasts its attachment: it may only be away for a moment.
 */
final class Prospects {
  private final Map<String, Prospect> byJob = new HashMap<>();
  private final Duration patience;

  /** Of one job. */
  private static final class Prospect {
    private final String modelHash;
    private final Set<String> able = new HashSet<>();
    private @Nullable Instant refusedSince;

    Prospect(String modelHash) {
      this.modelHash = modelHash;
    }
  }

  /** Of no job; one that all refuse is given up after {@code patience}. */
  Prospects(Duration patience) {
    this.patience = patience;
  }

  /** From now on what workers say of this job is remembered. */
  void open(Job job) {
    byJob.putIfAbsent(job.id(), new Prospect(job.modelHash()));
  }

  /** Nothing is remembered of this job any more. */
  void close(String jobId) {
    byJob.remove(jobId);
  }

  /** The worker can draw it, or is taken to be able to until it says otherwise. */
  void can(String jobId, Attachment attachment) {
    Prospect prospect = byJob.get(jobId);
    if (prospect != null) {
      prospect.able.add(attachment.greeting().workerId());
    }
  }

  /** The worker cannot draw it; whatever it said before. */
  void cannot(String jobId, Attachment attachment, Job.JobError why) {
    Prospect prospect = byJob.get(jobId);
    if (prospect != null) {
      prospect.able.remove(attachment.greeting().workerId());
      attachment.refuse(jobId, why);
    }
  }

  /**
   * The jobs to give up, each with the words of the worker that has the most memory: for as long as
   * our patience lasts every attached worker has refused them, and none that could is away.
   */
  Map<String, Job.JobError> hopeless(Collection<Attachment> attached, Instant now) {
    Map<String, Job.JobError> hopeless = new HashMap<>();
    byJob.forEach((jobId, prospect) -> {
      Job.JobError error = refusal(jobId, prospect, attached);
      if (error == null) {
        prospect.refusedSince = null;
      } else if (prospect.refusedSince == null) {
        prospect.refusedSince = now;
      } else if (!prospect.refusedSince.plus(patience).isAfter(now)) {
        hopeless.put(jobId, error);
      }
    });
    return hopeless;
  }

  /** Null if there is hope. */
  private static Job.@Nullable JobError refusal(
      String jobId, Prospect prospect, Collection<Attachment> attached) {
    if (!prospect.able.isEmpty()) {
      return null;
    }
    List<Attachment> asked =
        attached.stream()
            .filter(attachment -> attachment.drawsWith(prospect.modelHash))
            .sorted(Attachment.MOST_MEMORY_FIRST)
            .toList();
    boolean allRefused = asked.stream().allMatch(attachment -> attachment.refusal(jobId) != null);
    return asked.isEmpty() || !allRefused ? null : asked.getFirst().refusal(jobId);
  }
}

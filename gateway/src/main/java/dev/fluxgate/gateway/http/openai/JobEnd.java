package dev.fluxgate.gateway.http.openai;

import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.watch.JobUpdate;
import dev.fluxgate.gateway.watch.JobWatch;
import dev.fluxgate.gateway.watch.JobWatches;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Waits for a job to end, without a thread. */
final class JobEnd {
  private final CompletableFuture<Job> ended = new CompletableFuture<>();
  private @Nullable JobWatch watch;

  private JobEnd() {}

  /**
   * The job once it has ended; what follows must not block. Whoever no longer waits cancels the
   * future.
   */
  static CompletableFuture<Job> of(JobWatches watches, String tenant, String id) {
    JobEnd end = new JobEnd();
    JobWatch opened = watches.open(tenant, id, new JobWatches.Wish(0, false), end::look);
    end.begin(opened);
    return end.ended.whenComplete((_, _) -> opened.close());
  }

  private void begin(JobWatch opened) {
    synchronized (this) {
      watch = opened;
    }
    look();
  }

  private void look() {
    JobWatch open;
    synchronized (this) {
      open = watch;
    }
    if (open == null) {
      return;
    }
    for (JobUpdate update = open.poll(); update != null; update = open.poll()) {
      if (update.job().state().isEnd()) {
        ended.complete(update.job());
      }
    }
  }
}

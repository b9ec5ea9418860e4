package dev.fluxgate.gateway.job.memory;

import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.JobTransitions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The next state of a job, in the making: begins as a copy, ends with a raised sequence. */
final class JobChange {
  private final Job before;
  JobState state;
  Job.Progress progress;
  Job.@Nullable Embeddings embeddings;
  List<StoredImage> images;
  Job.@Nullable JobError error;
  Job.Times times;
  Job.Timings timings;
  Job.Lease lease;
  boolean cancelRequested;

  JobChange(Job before) {
    this.before = before;
    state = before.state();
    progress = before.progress();
    embeddings = before.embeddings();
    images = before.images();
    error = before.error();
    times = before.times();
    timings = before.timings();
    lease = before.lease();
    cancelRequested = before.cancelRequested();
  }

  Job done() {
    if (state != before.state()) {
      JobTransitions.check(before.state(), state);
    }
    return next(before.sequence() + 1);
  }

  /** As {@link #done}, for what no watcher need hear of. */
  Job quietlyDone() {
    return next(before.sequence());
  }

  private Job next(long sequence) {
    return new Job(
        before.id(),
        before.request(),
        before.modelHash(),
        before.parameters(),
        state,
        progress,
        embeddings,
        images,
        error,
        times,
        timings,
        lease,
        cancelRequested,
        sequence);
  }
}

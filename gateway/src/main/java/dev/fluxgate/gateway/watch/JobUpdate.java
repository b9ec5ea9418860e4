package dev.fluxgate.gateway.watch;

import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.job.Job;

/** What a watcher is told. */
public sealed interface JobUpdate {

  /** The job, as it stands. */
  Job job();

  /** The job has changed; what lay between this and the last one told is skipped. */
  record Changed(Job job) implements JobUpdate {}

  /** One of its pictures looks like this by now. */
  record Previewed(Job job, Preview preview) implements JobUpdate {}
}

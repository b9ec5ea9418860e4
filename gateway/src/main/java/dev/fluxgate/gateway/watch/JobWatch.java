package dev.fluxgate.gateway.watch;

import dev.fluxgate.gateway.event.JobEvents;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.job.Job;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One reader of one job. Holds the newest state and the newest preview of each picture and no more,
 * so that a reader that stalls costs neither memory that grows nor anybody's time. The reader asks
 * for the next update when it has room for one.
 */
public final class JobWatch implements AutoCloseable {
  private final JobEvents.Subscription subscription;
  private final boolean withPreviews;
  private final Runnable onUpdate;
  private final Map<Integer, Preview> previews = new TreeMap<>();
  private Job newest;
  private long told;
  private boolean ended;

  JobWatch(JobEvents events, Job job, long after, boolean withPreviews, Runnable onUpdate) {
    this.newest = job;
    this.told = after;
    this.withPreviews = withPreviews;
    this.onUpdate = onUpdate;
    subscription = events.subscribe(job.id(), new Ear());
  }

  /** The next update; null if there is none now, or no more. */
  public synchronized @Nullable JobUpdate poll() {
    Iterator<Preview> waiting = previews.values().iterator();
    if (newest.sequence() > told) {
      told = newest.sequence();
      ended = newest.state().isEnd();
      return new JobUpdate.Changed(newest);
    }
    ended |= newest.state().isEnd();
    if (ended || !waiting.hasNext()) {
      return null;
    }
    Preview preview = waiting.next();
    waiting.remove();
    return new JobUpdate.Previewed(newest, preview);
  }

  /** Whether the job has ended and all of it was told. */
  public synchronized boolean isDone() {
    return ended;
  }

  @Override
  public void close() {
    subscription.close();
  }

  void change(Job job) {
    synchronized (this) {
      if (job.sequence() <= newest.sequence()) {
        return;
      }
      newest = job;
    }
    onUpdate.run();
  }

  /** What the events are told to. */
  private final class Ear implements JobEvents.Listener {
    @Override
    public void changed(Job job) {
      change(job);
    }

    @Override
    public void previewed(Preview preview) {
      if (withPreviews) {
        synchronized (JobWatch.this) {
          previews.put(preview.index(), preview);
        }
        onUpdate.run();
      }
    }
  }
}

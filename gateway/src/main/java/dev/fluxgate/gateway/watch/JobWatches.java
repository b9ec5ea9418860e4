package dev.fluxgate.gateway.watch;

import dev.fluxgate.gateway.event.JobEvents;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.job.Job;

/** Opens watches, for whatever protocol the readers speak. */
public final class JobWatches {
  private final ImageGeneration generation;
  private final JobEvents events;

  /** Watches of the jobs of {@code generation}, whose changes {@code events} tells. */
  public JobWatches(ImageGeneration generation, JobEvents events) {
    this.generation = generation;
    this.events = events;
  }

  /**
   * What a reader wants.
   *
   * @param after nothing up to this sequence is told; 0 begins with the state as it is
   * @param previews whether previews are wanted
   */
  public record Wish(long after, boolean previews) {}

  /** Opens a watch of something that its reader need not know. */
  @FunctionalInterface
  public interface Opening {
    /** Opens it; {@code onUpdate} as of {@link JobWatches#open}. */
    JobWatch open(Runnable onUpdate);
  }

  /**
   * Begins to watch; close the watch when its reader leaves.
   *
   * @param onUpdate called on any thread whenever {@link JobWatch#poll} may have more than before;
   *     must neither block nor throw
   * @throws dev.fluxgate.gateway.job.JobNotFoundException if the tenant has no such job
   * @throws FutureSequenceException if the job has not come as far as {@link Wish#after}
   */
  public JobWatch open(String tenant, String id, Wish wish, Runnable onUpdate) {
    Job job = generation.find(tenant, id);
    if (wish.after() < 0 || wish.after() > job.sequence()) {
      throw new FutureSequenceException(wish.after(), job.sequence());
    }
    JobWatch watch = new JobWatch(events, job, wish.after(), wish.previews(), onUpdate);
    // Read again: what changed before the subscription would otherwise be missed.
    watch.change(generation.find(tenant, id));
    return watch;
  }
}

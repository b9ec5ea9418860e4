package dev.fluxgate.gateway.event;

import dev.fluxgate.gateway.job.Job;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Tells who wants to know of changes of jobs. Two changes may be told in the wrong order; the
 * sequence of the job says which is newer. Listeners neither block nor throw.
 */
public final class JobEvents {
  private final Map<String, List<Listener>> byJob = new ConcurrentHashMap<>();
  private final List<Consumer<Job>> always = new CopyOnWriteArrayList<>();

  /** Who watches a job. */
  public interface Listener {
    /** The job has changed, or is told for the first time. */
    void changed(Job job);

    /** One of its pictures looks like this by now. */
    void previewed(Preview preview);
  }

  /** An interest that ends when it is closed. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /** Listens to every job, for good. */
  public void listen(Consumer<Job> listener) {
    always.add(listener);
  }

  /** Listens to one job. */
  public Subscription subscribe(String jobId, Listener listener) {
    byJob.compute(
        jobId,
        (_, listeners) -> {
          List<Listener> some = listeners == null ? new CopyOnWriteArrayList<>() : listeners;
          some.add(listener);
          return some;
        });
    return () ->
        byJob.computeIfPresent(
            jobId,
            (_, listeners) -> {
              listeners.remove(listener);
              return listeners.isEmpty() ? null : listeners;
            });
  }

  /** Tells of a change. */
  public void publish(Job job) {
    always.forEach(listener -> listener.accept(job));
    byJob.getOrDefault(job.id(), List.of()).forEach(listener -> listener.changed(job));
  }

  /** Tells of a preview. */
  public void publish(String jobId, Preview preview) {
    byJob.getOrDefault(jobId, List.of()).forEach(listener -> listener.previewed(preview));
  }
}

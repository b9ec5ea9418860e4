package dev.fluxgate.gateway.worker;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.job.Job;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One stream of one worker, as long as it lasts. Guarded by the pool's lock, but for answers. */
public final class Attachment {
  /** What a worker may hold beyond this is not worth remembering. */
  private static final int MAX_HELD = 256;

  /** As workers say when they attach. */
  static final Comparator<Attachment> MOST_MEMORY_FIRST =
      Comparator.comparingLong(
              (Attachment attachment) -> attachment.greeting.model().abilities().activationBytes())
          .reversed();

  private final String session;
  private final WorkerGreeting greeting;
  private final WorkerLink link;
  private final Set<ByteString> held =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ByteString, Boolean> eldest) {
              return size() > MAX_HELD;
            }
          });
  private final Map<Long, CompletableFuture<PlanAnswer>> asked = new ConcurrentHashMap<>();
  private final Map<String, Job.JobError> refused = new HashMap<>();
  private long questions;
  private int credits;
  private boolean draining;

  Attachment(String session, WorkerGreeting greeting, WorkerLink link) {
    this.session = session;
    this.greeting = greeting;
    this.link = link;
    held.addAll(greeting.heldEmbeddings());
  }

  /** Names this attachment in logs. */
  public String session() {
    return session;
  }

  /** Who is attached. */
  public WorkerGreeting greeting() {
    return greeting;
  }

  WorkerLink link() {
    return link;
  }

  Set<ByteString> held() {
    return held;
  }

  boolean drawsWith(String modelHash) {
    return greeting.model().modelHash().equals(modelHash);
  }

  /** This worker shall not have the job while this attachment lasts. */
  void refuse(String jobId, Job.JobError why) {
    refused.put(jobId, why);
  }

  /** Why the worker cannot draw a job; null: it has not said so. */
  Job.@Nullable JobError refusal(String jobId) {
    return refused.get(jobId);
  }

  int refusals() {
    return refused.size();
  }

  /** The job has ended. */
  void forget(String jobId) {
    refused.remove(jobId);
  }

  /**
   * Asks the worker; whoever waits does so for at most {@code patience}, and takes silence for
   * {@link PlanAnswer#NONE}.
   */
  CompletableFuture<PlanAnswer> ask(PlanQuestion question, Duration patience) {
    long id = ++questions;
    CompletableFuture<PlanAnswer> answer = new CompletableFuture<>();
    asked.put(id, answer);
    link.ask(id, question);
    return answer
        .completeOnTimeout(PlanAnswer.NONE, patience.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> asked.remove(id));
  }

  void answered(long id, PlanAnswer answer) {
    CompletableFuture<PlanAnswer> waiting = asked.get(id);
    // None waits where the answer came late, or to nothing.
    if (waiting != null) {
      waiting.complete(answer);
    }
  }

  /** The worker will answer no more. */
  void hangUp() {
    asked.values().forEach(waiting -> waiting.complete(PlanAnswer.NONE));
  }

  boolean isDraining() {
    return draining;
  }

  boolean canTake() {
    return credits > 0 && !draining;
  }

  void grant(int count) {
    credits = (int) Math.min(Integer.MAX_VALUE, (long) credits + count);
  }

  void drain() {
    draining = true;
  }

  void assign(Job job) {
    credits--;
    Job.Embeddings embeddings = job.embeddings();
    if (embeddings != null) {
      embeddings.refs().forEach(ref -> held.add(ref.sha256()));
    }
    link.assign(job);
  }
}

package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.LeaseRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A worker of model "m" beside its pool, without a wire between them. */
final class PoolWorker implements WorkerLink {
  /** Jobs leased to it, in order. */
  final List<Job> assigned = new ArrayList<>();

  private final WorkerPool pool;
  private final @Nullable PlanAnswer answer;
  private final Attachment attachment;
  private long question;

  /**
   * Attaches.
   *
   * @param answer to every plan, at once; null: see {@link #answer}
   */
  PoolWorker(WorkerPool pool, String id, long memory, @Nullable PlanAnswer answer) {
    this.pool = pool;
    this.answer = answer;
    DrawingModel model =
        new DrawingModel(
            "toy",
            "toy",
            "m",
            "mistral3",
            8,
            16,
            1 << 20,
            false,
            new DrawingModel.Defaults(64, 64, 4, 1),
            new DrawingModel.Abilities(List.of(), 0, 0, 0, memory));
    attachment =
        pool.attach("session", new WorkerGreeting(id, id + "-1", model, Set.of(), List.of()), this);
  }

  Attachment attachment() {
    return attachment;
  }

  PoolWorker ready() {
    pool.credit(attachment, 1);
    return this;
  }

  /** Answers the last question, which it has kept waiting. */
  void answer(PlanAnswer late) {
    pool.answered(attachment, question, late);
  }

  /** Gives its newest lease back, and asks for the next. */
  void nack(NackReason reason, Job.JobError error) {
    pool.nack(attachment, assigned.getLast().leaseRef(), reason, error);
    ready();
  }

  /** Its stream is gone. */
  void detach() {
    pool.detach(attachment);
  }

  @Override
  public void welcome(String session) {}

  @Override
  public void assign(Job job) {
    assigned.add(job);
  }

  @Override
  public void cancel(LeaseRef lease) {}

  @Override
  public void revoke(LeaseRef lease) {}

  @Override
  public void ask(long id, PlanQuestion asked) {
    question = id;
    if (answer != null) {
      pool.answered(attachment, id, answer);
    }
  }

  @Override
  public void replaced() {}
}

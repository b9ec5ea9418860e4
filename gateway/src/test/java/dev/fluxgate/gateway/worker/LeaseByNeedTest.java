package dev.fluxgate.gateway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.SettableClock;
import dev.fluxgate.gateway.event.JobEvents;
import dev.fluxgate.gateway.job.EmbeddingRef;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.memory.InMemoryJobStore;
import dev.fluxgate.gateway.wish.Wish;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers of unequal memory, and jobs that only some of them can draw. */
class LeaseByNeedTest {
  private static final PlanAnswer NO = new PlanAnswer(2001, 2000, "");
  private static final PlanAnswer YES = new PlanAnswer(2001, 3000, "");
  private static final Job.JobError TOO_LARGE =
      new Job.JobError(
          "TOO_LARGE", "job: 2001 bytes of activations (expected: at most 2000 bytes here)");
  private static final Job.JobError BROKEN = new Job.JobError("INTERNAL", "broken");
  private static final Duration PATIENCE = LeaseTimes.STANDARD.lease();
  private static final int SMALL = 2000;
  private static final int LARGE = 3000;

  private final SettableClock clock = new SettableClock();
  private final JobEvents events = new JobEvents();
  private final InMemoryJobStore store = new InMemoryJobStore(clock, 99, events::publish);
  private final WorkerPool pool =
      new WorkerPool(
          store, events, LeaseTimes.STANDARD, new RetryPolicy(3, Duration.ofSeconds(1)), clock);

  @BeforeEach
  void listen() {
    events.listen(pool::onChange);
  }

  private PoolWorker small(@Nullable PlanAnswer answer) {
    return new PoolWorker(pool, "small", SMALL, answer);
  }

  private PoolWorker large(@Nullable PlanAnswer answer) {
    return new PoolWorker(pool, "large", LARGE, answer);
  }

  @Test
  void aWorkerIsNotGivenWhatItSaidItCannotDraw() {
    PoolWorker small = small(NO).ready();
    PoolWorker large = large(YES);
    accept("big");
    pool.sweep();
    assertThat(small.assigned).isEmpty();

    large.ready();
    assertThat(large.assigned).extracting(Job::id).containsExactly("big");
    assertThat(small.assigned).isEmpty();
  }

  @Test
  void anAnswerThatComesAfterTheFirstYesCountsToo() {
    PoolWorker small = new PoolWorker(pool, "small", SMALL, null);
    PoolWorker large = large(YES);
    accept("big");
    small.answer(NO);
    small.ready();
    large.ready();

    assertThat(small.assigned).isEmpty();
    assertThat(large.assigned).hasSize(1);
  }

  @Test
  void aRefusedLeaseIsRememberedAndCostsNoAttempt() {
    PoolWorker small = small(PlanAnswer.NONE).ready();
    accept("big");
    small.nack(NackReason.TOO_LARGE, TOO_LARGE);
    pool.sweep();
    assertThat(small.assigned).as("leases to the small one").hasSize(1);
    assertThat(job("big").state()).isEqualTo(JobState.QUEUED);

    PoolWorker large = large(PlanAnswer.NONE).ready();
    assertThat(large.assigned).hasSize(1);
    assertThat(large.assigned.getFirst().lease().epoch()).isEqualTo(2);
    assertThat(large.assigned.getFirst().lease().attempts()).isZero();
  }

  @Test
  void aWorkerThatAttachesAnewIsAskedAnew() {
    PoolWorker small = small(NO).ready();
    accept("big");
    assertThat(small.assigned).isEmpty();

    assertThat(new PoolWorker(pool, "small", LARGE, null).ready().assigned).hasSize(1);
  }

  @Test
  void howeverManyABigWorkerMustDrawTheyHideNoSmallOnes() {
    PoolWorker small = small(NO);
    large(YES);
    for (int i = 0; i < 3 * Affinity.WINDOW; i++) {
      accept("big" + i);
    }
    queue("small1");
    queue("small2");
    small.ready();
    assertThat(small.assigned).extracting(Job::id).containsExactly("small1");
    small.nack(NackReason.PREEMPTED, BROKEN);

    assertThat(small.assigned).extracting(Job::id).containsExactly("small1", "small1");
    assertThat(job("big0").lease().epoch()).isZero();
  }

  @Test
  void aJobWaitsForTheOneThatCanWhileItIsAway() {
    small(NO).ready();
    PoolWorker large = large(YES);
    accept("big");
    large.detach();
    wait(PATIENCE.multipliedBy(9));
    assertThat(job("big").state()).isEqualTo(JobState.QUEUED);

    assertThat(large(null).ready().assigned).hasSize(1);
  }

  @Test
  void whoWasAtWorkOnAJobIsTakenToBeAbleToDrawIt() {
    PoolWorker large = large(PlanAnswer.NONE).ready();
    accept("big");
    large.detach();
    PoolWorker small = small(null).ready();
    clock.advance(PATIENCE);
    pool.sweep();
    assertThat(small.assigned).hasSize(1);
    small.nack(NackReason.TOO_LARGE, TOO_LARGE);
    wait(PATIENCE.multipliedBy(9));

    assertThat(job("big").state()).isEqualTo(JobState.QUEUED);
    assertThat(large(null).ready().assigned).hasSize(1);
  }

  @Test
  void failsWithBothNumbersWhatAllRefuseForAsLongAsALeaseLives() {
    PoolWorker smaller = new PoolWorker(pool, "smaller", 1, PlanAnswer.NONE).ready();
    accept("big");
    PoolWorker small = small(null).ready();
    smaller.nack(NackReason.TOO_LARGE, new Job.JobError("TOO_LARGE", "1 byte"));
    small.nack(NackReason.TOO_LARGE, TOO_LARGE);
    wait(PATIENCE.minusNanos(1));
    assertThat(job("big").state()).isEqualTo(JobState.QUEUED);

    clock.advance(Duration.ofNanos(1));
    pool.sweep();
    assertThat(job("big").state()).isEqualTo(JobState.FAILED);
    assertThat(job("big").error()).isEqualTo(TOO_LARGE);
  }

  @Test
  void whoeverComesMeanwhileGivesHopeAnew() {
    PoolWorker small = small(PlanAnswer.NONE).ready();
    accept("big");
    small.nack(NackReason.TOO_LARGE, TOO_LARGE);
    wait(PATIENCE.minusNanos(1));
    PoolWorker busy = large(null);
    wait(PATIENCE.multipliedBy(9));
    assertThat(job("big").state()).as("one is left that may").isEqualTo(JobState.QUEUED);

    busy.detach();
    wait(PATIENCE.minusNanos(1));
    assertThat(job("big").state()).as("refused by all for not long").isEqualTo(JobState.QUEUED);
    small.detach();
    wait(PATIENCE.multipliedBy(9));
    assertThat(job("big").state()).as("nobody there to refuse").isEqualTo(JobState.QUEUED);
  }

  @Test
  void oneThatFailedTriesAgainBeforeOneThatCannot() {
    small(NO).ready();
    PoolWorker large = large(YES).ready();
    accept("big");
    large.nack(NackReason.WORKER_SUSPECT, BROKEN);
    wait(Duration.ofSeconds(1));

    assertThat(large.assigned).hasSize(2);
  }

  @Test
  void oneThatFailedTriesAgainWhereTheOtherIsLeaving() {
    PoolWorker one = small(YES).ready();
    PoolWorker leaving = large(YES);
    accept("big");
    pool.drain(leaving.attachment());
    one.nack(NackReason.WORKER_SUSPECT, BROKEN);
    wait(Duration.ofSeconds(1));

    assertThat(one.assigned).hasSize(2);
  }

  @Test
  void aJobThatFailedEverywhereIsNotForgotten() {
    PoolWorker one = small(YES).ready();
    accept("big");
    one.nack(NackReason.WORKER_SUSPECT, BROKEN);
    PoolWorker other = large(YES).ready();
    wait(Duration.ofSeconds(1));
    assertThat(other.assigned).hasSize(1);
    other.nack(NackReason.WORKER_SUSPECT, BROKEN);
    wait(Duration.ofSeconds(5));

    assertThat(one.assigned.size() + other.assigned.size()).isEqualTo(3);
  }

  @Test
  void nothingIsKeptOfJobsThatHaveEnded() {
    PoolWorker small = small(NO);
    PoolWorker silent = new PoolWorker(pool, "silent", LARGE, null);
    accept("big");
    assertThat(small.attachment().refusals()).isEqualTo(1);

    store.requestCancel("t", "big");
    silent.answer(NO);
    assertThat(small.attachment().refusals()).isZero();
    assertThat(silent.attachment().refusals()).isZero();
  }

  /** Lets time pass between two looks at it. */
  private void wait(Duration time) {
    pool.sweep();
    clock.advance(time);
    pool.sweep();
  }

  private Job job(String id) {
    return store.find("t", id).orElseThrow();
  }

  /** A job that workers are asked about, as the gateway accepts it. */
  private void accept(String id) {
    Job job = fresh(id);
    pool.heed(job, pool.ask("m", new PlanQuestion(job.parameters(), 16, 0, List.of(), null, null)));
    queue(job);
  }

  /** A job of which nobody says anything. */
  private void queue(String id) {
    queue(fresh(id));
  }

  private void queue(Job job) {
    store.create(job);
    store.embedded(
        job.id(),
        new Job.Embeddings(
            new EmbeddingRef(ByteString.EMPTY, 1), null, null, null, false, false, null));
    pool.dispatch();
  }

  private Job fresh(String id) {
    GenerationParameters parameters =
        new GenerationParameters(
            "p", 64, 64, 4, 1, 7, 1, 16, List.of(1), false, false, "toy", 0, Wish.NONE);
    return Job.accepted(
        id,
        new Job.Request("t", null, "h"),
        "m",
        parameters,
        clock.instant(),
        clock.instant().plus(Duration.ofHours(1)));
  }
}

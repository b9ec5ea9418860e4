package dev.fluxgate.gateway.job.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.SettableClock;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.job.EmbeddingRef;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.JobStage;
import dev.fluxgate.gateway.job.JobState;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.job.LeaseLostException;
import dev.fluxgate.gateway.job.LeaseOutcome;
import dev.fluxgate.gateway.job.LeaseRef;
import dev.fluxgate.gateway.job.RequestIdReusedException;
import dev.fluxgate.gateway.wish.Wish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InMemoryJobStoreTest {
  private static final Duration TTL = Duration.ofSeconds(30);
  private static final GenerationParameters PARAMETERS =
      new GenerationParameters(
          "p", 64, 64, 4, 1, 7, 1, 16, List.of(1), false, false, "toy", 0, Wish.NONE);
  private static final Job.Embeddings EMBEDDINGS =
      new Job.Embeddings(
          new EmbeddingRef(ByteString.copyFromUtf8("e"), 1), null, null, null, false, false, null);
  private static final StoredImage IMAGE =
      new StoredImage(0, "image/png", 3, ByteString.copyFromUtf8("i"), 64, 64);

  private final SettableClock clock = new SettableClock();
  private final List<Job> changes = new ArrayList<>();
  private final InMemoryJobStore store = new InMemoryJobStore(clock, 2, changes::add);

  @Test
  void walksFromAcceptanceToSuccessAndTellsEveryChange() {
    create("a");
    clock.advance(Duration.ofMillis(5));
    store.embedded("a", EMBEDDINGS);
    clock.advance(Duration.ofMillis(7));
    LeaseRef lease = store.lease("a", "w", TTL).orElseThrow().leaseRef();
    store.progress(lease, new Job.Progress(JobStage.DENOISING, 4, 4));
    store.addImage(lease, IMAGE);
    Job done = store.finish(lease, new LeaseOutcome.Succeeded(11, 13));

    assertThat(done.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(done.timings()).isEqualTo(new Job.Timings(5, 7, 11, 13));
    assertThat(done.times().ended()).isEqualTo(clock.instant());
    assertThat(changes).extracting(Job::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(store.finish(lease, new LeaseOutcome.Succeeded(11, 13))).isEqualTo(done);
  }

  @Test
  void givesTheSameJobForTheSameRequest() {
    Job first = create("a", "r", "hash");

    assertThat(create("b", "r", "hash")).isEqualTo(first);
    assertThat(store.find("t", "b")).isEmpty();
    assertThatExceptionOfType(RequestIdReusedException.class)
        .isThrownBy(() -> create("c", "r", "other"))
        .withMessageContaining("request_id: r")
        .withMessageContaining("job a");
  }

  @Test
  void hidesJobsFromOtherTenants() {
    create("a");

    assertThat(store.find("other", "a")).isEmpty();
    assertThat(store.requestCancel("other", "a")).isEmpty();
    assertThat(store.findRequest("other", "r")).isEmpty();
  }

  @Test
  void refusesEveryWriteUnderALostLease() {
    create("a");
    store.embedded("a", EMBEDDINGS);
    LeaseRef stale = store.lease("a", "w", TTL).orElseThrow().leaseRef();
    store.finish(stale, LeaseOutcome.Returned.BLAMELESS);
    LeaseRef fresh = store.lease("a", "v", TTL).orElseThrow().leaseRef();

    assertThat(fresh.epoch()).isEqualTo(stale.epoch() + 1);
    List<Runnable> writes =
        List.of(
            () -> store.extend(stale, TTL),
            () -> store.progress(stale, new Job.Progress(JobStage.DENOISING, 1, 4)),
            () -> store.addImage(stale, IMAGE),
            () -> store.finish(stale, new LeaseOutcome.Succeeded(0, 0)),
            () -> store.finish(stale, LeaseOutcome.Returned.BLAMELESS),
            () -> store.extend(new LeaseRef("nowhere", 1), TTL));
    assertThat(writes)
        .allSatisfy(
            write -> assertThatExceptionOfType(LeaseLostException.class).isThrownBy(write::run));
    assertThat(store.find("t", "a").orElseThrow().images()).isEmpty();
  }

  @Test
  void refusesSuccessWithoutAllPictures() {
    create("a");
    store.embedded("a", EMBEDDINGS);
    LeaseRef lease = store.lease("a", "w", TTL).orElseThrow().leaseRef();

    assertThatIllegalStateException()
        .isThrownBy(() -> store.finish(lease, new LeaseOutcome.Succeeded(0, 0)))
        .withMessage("images: 0 (expected: 1)");
  }

  @Test
  void keepsAReturnedJobBackForItsDelay() {
    create("a");
    store.embedded("a", EMBEDDINGS);
    LeaseRef lease = store.lease("a", "w", TTL).orElseThrow().leaseRef();
    Job back = store.finish(lease, new LeaseOutcome.Returned(true, true, Duration.ofSeconds(5)));

    assertThat(back.state()).isEqualTo(JobState.QUEUED);
    assertThat(back.lease().attempts()).isEqualTo(1);
    assertThat(back.lease().excluded()).containsExactly("w");
    assertThat(store.waiting("m", 9)).isEmpty();
    clock.advance(Duration.ofSeconds(5));
    assertThat(store.waiting("m", 9)).extracting(Job::id).containsExactly("a");
    assertThat(store.waiting("other model", 9)).isEmpty();
  }

  @Test
  void servesWaitingJobsInTheOrderOfTheirCreation() {
    create("a");
    create("b");
    create("c");
    store.embedded("c", EMBEDDINGS);
    store.embedded("a", EMBEDDINGS);

    assertThat(store.waiting("m", 9)).extracting(Job::id).containsExactly("a", "c");
    assertThat(store.waiting("m", 1)).extracting(Job::id).containsExactly("a");
    assertThat(store.backlog()).isEqualTo(new JobStore.Backlog(3, 3 * 64L * 64 * 4));
  }

  @Test
  void tellsWhichLeasesLapsedUnlessTheyWereProlonged() {
    create("a");
    store.embedded("a", EMBEDDINGS);
    LeaseRef lease = store.lease("a", "w", TTL).orElseThrow().leaseRef();
    clock.advance(TTL);
    store.extend(lease, TTL);
    clock.advance(TTL);
    assertThat(store.sweep().lapsed()).isEmpty();
    clock.advance(Duration.ofMillis(1));

    assertThat(store.sweep().lapsed()).extracting(Job::id).containsExactly("a");
    assertThat(store.heldBy("w")).extracting(Job::id).containsExactly("a");
  }

  @Test
  void expiresWhatWaitsTooLongAndTellsWhatRunsTooLong() {
    create("a");
    create("b");
    store.embedded("b", EMBEDDINGS);
    LeaseRef lease = store.lease("b", "w", Duration.ofDays(1)).orElseThrow().leaseRef();
    clock.advance(Duration.ofHours(2));

    assertThat(store.sweep().overdue()).extracting(Job::id).containsExactly("b");
    assertThat(state("a")).isEqualTo(JobState.EXPIRED);
    assertThat(store.finish(lease, LeaseOutcome.Returned.BLAMELESS).state())
        .isEqualTo(JobState.EXPIRED);
  }

  @Test
  void cancelsWhatWaitsAtOnceAndMarksWhatRuns() {
    create("a");
    assertThat(store.requestCancel("t", "a").orElseThrow().state()).isEqualTo(JobState.CANCELLED);
    assertThat(store.embedded("a", EMBEDDINGS)).isEmpty();

    create("b");
    store.embedded("b", EMBEDDINGS);
    LeaseRef lease = store.lease("b", "w", TTL).orElseThrow().leaseRef();
    Job marked = store.requestCancel("t", "b").orElseThrow();
    assertThat(marked.state()).isEqualTo(JobState.RUNNING);
    assertThat(marked.cancelRequested()).isTrue();
    assertThat(store.requestCancel("t", "b")).contains(marked);
    assertThat(store.finish(lease, LeaseOutcome.Returned.BLAMELESS).state())
        .isEqualTo(JobState.CANCELLED);
    assertThat(store.requestCancel("t", "b").orElseThrow().state()).isEqualTo(JobState.CANCELLED);
  }

  @Test
  void neverGoesBackInProgress() {
    create("a");
    store.embedded("a", EMBEDDINGS);
    LeaseRef lease = store.lease("a", "w", TTL).orElseThrow().leaseRef();
    Job.Progress three = new Job.Progress(JobStage.DENOISING, 3, 4);

    assertThat(store.progress(lease, three).progress()).isEqualTo(three);
    assertThat(store.progress(lease, new Job.Progress(JobStage.DENOISING, 2, 4)).progress())
        .isEqualTo(three);
    assertThat(store.progress(lease, new Job.Progress(JobStage.DENOISING, 9, 4)).progress())
        .isEqualTo(three);
  }

  @Test
  void forgetsTheOldestOfTheEnded() {
    for (String id : List.of("a", "b", "c")) {
      create(id, "r-" + id, "hash");
      store.abandon(id, new Job.JobError("X", "x"));
    }

    assertThat(store.find("t", "a")).isEmpty();
    assertThat(store.findRequest("t", "r-a")).isEmpty();
    assertThat(state("c")).isEqualTo(JobState.FAILED);
  }

  private JobState state(String id) {
    return store.find("t", id).orElseThrow().state();
  }

  private Job create(String id) {
    return create(id, null, "hash");
  }

  private Job create(String id, @Nullable String requestId, String hash) {
    return store.create(
        Job.accepted(
            id,
            new Job.Request("t", requestId, hash),
            "m",
            PARAMETERS,
            clock.instant(),
            clock.instant().plus(Duration.ofHours(1))));
  }
}

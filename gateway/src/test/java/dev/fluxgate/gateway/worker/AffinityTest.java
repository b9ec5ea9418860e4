package dev.fluxgate.gateway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.SettableClock;
import dev.fluxgate.gateway.job.EmbeddingRef;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.memory.InMemoryJobStore;
import dev.fluxgate.gateway.wish.Wish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final Set<ByteString> HELD = Set.of(hash("b"));

  private final SettableClock clock = new SettableClock();
  private final InMemoryJobStore store = new InMemoryJobStore(clock, 9, _ -> {});
  private final Affinity affinity = new Affinity();

  @BeforeEach
  void queueTwoJobs() {
    queue("a");
    queue("b");
  }

  @Test
  void servesTheFirstWhereTheWorkerHoldsNothing() {
    assertThat(choose(Set.of())).isEqualTo("a");
    assertThat(affinity.choose(List.of(), HELD)).isEmpty();
  }

  @Test
  void prefersAJobWhoseEmbeddingTheWorkerHoldsButPassesTheFirstOverFourTimesOnly() {
    List<String> served = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      served.add(choose(HELD));
    }

    assertThat(served).containsExactly("b", "b", "b", "b", "a", "a");
  }

  @Test
  void forgetsHowOftenAJobThatHasEndedWasPassedOver() {
    for (int i = 0; i < 4; i++) {
      choose(HELD);
    }
    affinity.forget("a");

    assertThat(choose(HELD)).isEqualTo("b");
  }

  private String choose(Set<ByteString> held) {
    return affinity.choose(store.waiting("m", 9), held).orElseThrow().id();
  }

  private void queue(String id) {
    GenerationParameters parameters =
        new GenerationParameters(
            "p", 64, 64, 4, 1, 7, 1, 16, List.of(1), false, false, "toy", 0, Wish.NONE);
    store.create(
        Job.accepted(
            id,
            new Job.Request("t", null, "h"),
            "m",
            parameters,
            clock.instant(),
            clock.instant().plus(Duration.ofHours(1))));
    store.embedded(
        id,
        new Job.Embeddings(new EmbeddingRef(hash(id), 1), null, null, null, false, false, null));
  }

  private static ByteString hash(String id) {
    return ByteString.copyFromUtf8(id);
  }
}

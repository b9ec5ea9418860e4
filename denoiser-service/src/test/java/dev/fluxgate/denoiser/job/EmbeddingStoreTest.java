package dev.fluxgate.denoiser.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddingStoreTest {
  private static final int BYTES = 16;

  private final List<String> fetched = new ArrayList<>();
  private final EmbeddingStore store = new EmbeddingStore(3 * BYTES);

  @Test
  void fetchesWhatItDoesNotHoldAndNothingElse() {
    HostTensor first = get("a");

    assertThat(get("a")).isSameAs(first);
    assertThat(fetched).containsExactly("a");
    assertThat(store.hashes()).containsExactly("a");
  }

  @Test
  void letsGoOfWhatWasUsedLongestAgo() {
    get("a");
    get("b");
    get("c");
    get("a");
    get("d");

    assertThat(store.hashes()).containsExactlyInAnyOrder("a", "c", "d");
    get("b");
    assertThat(fetched).containsExactly("a", "b", "c", "d", "b");
  }

  @Test
  void usesAndDoesNotKeepWhatIsLargerThanAllItMayHold() {
    HostTensor large = HostTensor.zeros(DType.F32, Shape.of(13));

    assertThat(store.get(new EmbeddingRef("large", 52), _ -> large)).isSameAs(large);
    assertThat(store.hashes()).doesNotContain("large");
    get("a");
    get("b");
    get("c");
    assertThat(store.hashes()).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void keepsNothingOfAFetchThatFailed() {
    assertThatThrownBy(() ->
            store.get(
                new EmbeddingRef("a", BYTES),
                _ -> {
                  throw new IllegalStateException("away");
                }))
        .hasMessage("away");
    assertThat(store.hashes()).isEmpty();
    get("a");
    assertThat(fetched).containsExactly("a");
  }

  @Test
  void countsOnceWhatTwoFetchedAtOnce() {
    HostTensor inner = HostTensor.zeros(DType.F32, Shape.of(BYTES / 4));
    // While one fetches, another has fetched the same.
    store.get(
        new EmbeddingRef("a", BYTES),
        ref -> {
          store.get(ref, _ -> inner);
          return HostTensor.zeros(DType.F32, Shape.of(BYTES / 4));
        });
    get("b");
    get("c");

    assertThat(store.hashes()).containsExactlyInAnyOrder("a", "b", "c");
  }

  private HostTensor get(String hash) {
    return store.get(
        new EmbeddingRef(hash, BYTES),
        ref -> {
          fetched.add(ref.sha256());
          return HostTensor.zeros(DType.F32, Shape.of(BYTES / 4));
        });
  }
}

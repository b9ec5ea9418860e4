package dev.fluxgate.gateway.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class EncoderGuardTest {
  private final AtomicInteger calls = new AtomicInteger();
  private final EncoderGuard guard =
      new EncoderGuard(
          "host:1", new EncoderGuard.Policy(3, Duration.ofMillis(1), Duration.ofHours(1)));

  @Test
  void triesAgainWhatMaySucceedLater() {
    assertThat(guard.call(() -> calls.incrementAndGet() < 3 ? fail() : "done")).isEqualTo("done");
    assertThat(calls).hasValue(3);
  }

  @Test
  void doesNotTryAgainWhatWasRefused() {
    Supplier<String> refused =
        () -> {
          calls.incrementAndGet();
          throw new EncodingFailedException("X", "refused", new IllegalStateException());
        };

    assertThatExceptionOfType(EncodingFailedException.class).isThrownBy(() -> guard.call(refused));
    assertThat(calls).hasValue(1);
  }

  @Test
  void stopsAskingOnceMostCallsFail() {
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(EncoderUnavailableException.class)
          .isThrownBy(() -> guard.call(this::fail));
    }
    int made = calls.get();

    assertThat(made).isEqualTo(5);
    assertThatExceptionOfType(EncoderUnavailableException.class)
        .isThrownBy(() -> guard.call(this::fail))
        .withMessageContaining("encoder host:1: not asked");
    assertThat(calls).hasValue(made);
  }

  @Test
  void spendsNoMoreRetriesThanItsBudget() {
    EncoderGuard patient =
        new EncoderGuard(
            "host:1", new EncoderGuard.Policy(100, Duration.ofMillis(1), Duration.ofMillis(1)));
    for (int i = 0; i < 4; i++) {
      assertThatExceptionOfType(EncoderUnavailableException.class)
          .isThrownBy(() -> patient.call(this::fail));
    }

    // Four first attempts, ten retries; the circuit may have let fewer pass.
    assertThat(calls.get()).isBetween(5, 14);
  }

  private String fail() {
    calls.incrementAndGet();
    throw new EncoderUnavailableException("down", new IllegalStateException());
  }
}

package dev.fluxgate.gateway.admission;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fluxgate.serving.QueueFullException;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class AdmissionControlTest {
  private final AdmissionControl admission = new AdmissionControl(3, 1000);

  @Test
  void boundsTheNumberOfJobs() {
    assertThatCode(() -> admission.check(2, 10, 10)).doesNotThrowAnyException();
    assertThatExceptionOfType(QueueFullException.class)
        .isThrownBy(() -> admission.check(3, 10, 10))
        .withMessage("queue: 3 jobs waiting (expected: fewer than 3)");
  }

  @Test
  void boundsTheCostButAlwaysTakesOne() {
    assertThatCode(() -> admission.check(0, 0, Long.MAX_VALUE)).doesNotThrowAnyException();
    assertThatExceptionOfType(QueueFullException.class)
        .isThrownBy(() -> admission.check(1, 900, 101))
        .withMessage(
            "queue: 900 pixel steps waiting and 101 more asked for (expected: at most 1000"
                + " together)");
  }

  @Test
  void tellsWhenRoomIsLikely() {
    admission.completed(1000, Duration.ofSeconds(100));

    assertThatExceptionOfType(QueueFullException.class)
        .isThrownBy(() -> admission.check(1, 900, 200))
        .satisfies(e -> Assertions.assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(10)));
  }
}

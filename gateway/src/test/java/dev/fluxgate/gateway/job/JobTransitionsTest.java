package dev.fluxgate.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobTransitionsTest {
  @ParameterizedTest
  @CsvSource({
    "QUEUED, RUNNING FAILED CANCELLED EXPIRED",
    "RUNNING, QUEUED SUCCEEDED FAILED CANCELLED EXPIRED",
    "SUCCEEDED, ''",
    "FAILED, ''",
    "CANCELLED, ''",
    "EXPIRED, ''",
  })
  void allowsExactlyTheTable(JobState from, String followers) {
    Set<String> allowed = Set.of(followers.split(" ", -1));
    for (JobState to : JobState.values()) {
      if (allowed.contains(to.name())) {
        assertThatCode(() -> JobTransitions.check(from, to)).doesNotThrowAnyException();
      } else {
        assertThatIllegalStateException()
            .isThrownBy(() -> JobTransitions.check(from, to))
            .withMessageStartingWith("job state: " + from + " to " + to + " (expected: ");
      }
    }
    assertThat(from.isEnd()).isEqualTo(followers.isEmpty());
  }
}

package dev.fluxgate.gateway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.LeaseOutcome;
import dev.fluxgate.gateway.wish.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static final Job.JobError ERROR = new Job.JobError("OOM", "no memory");
  private final RetryPolicy policy = new RetryPolicy(3, Duration.ofSeconds(1));

  @Test
  void neverRetriesWhatIsInvalid() {
    assertThat(policy.afterNack(job(0, Set.of()), NackReason.INVALID, ERROR))
        .isEqualTo(new LeaseOutcome.Failed(ERROR));
  }

  @Test
  void countsNothingAgainstAJobWhoseWorkerLeaves() {
    assertThat(policy.afterNack(job(2, Set.of()), NackReason.PREEMPTED, ERROR))
        .isEqualTo(new LeaseOutcome.Returned(false, false, Duration.ZERO));
  }

  @Test
  void countsNothingAgainstAJobThatAWorkerHasNoMemoryFor() {
    assertThat(policy.afterNack(job(2, Set.of("v")), NackReason.TOO_LARGE, ERROR))
        .isEqualTo(new LeaseOutcome.Returned(false, false, Duration.ZERO));
    assertThat(
            new RetryPolicy(1, Duration.ZERO)
                .afterNack(job(0, Set.of()), NackReason.TOO_LARGE, ERROR))
        .as("where nothing is tried again")
        .isEqualTo(new LeaseOutcome.Failed(ERROR));
  }

  @Test
  void waitsLongerAfterEachFailure() {
    assertThat(policy.afterNack(job(0, Set.of()), NackReason.TRANSIENT, ERROR))
        .isEqualTo(new LeaseOutcome.Returned(true, false, Duration.ofSeconds(1)));
    assertThat(policy.afterNack(job(1, Set.of()), NackReason.WORKER_SUSPECT, ERROR))
        .isEqualTo(new LeaseOutcome.Returned(true, true, Duration.ofSeconds(5)));
    assertThat(policy.afterLapse(job(1, Set.of())))
        .isEqualTo(new LeaseOutcome.Returned(true, true, Duration.ZERO));
  }

  @Test
  void givesUpAfterAllAttempts() {
    assertThat(policy.afterNack(job(2, Set.of()), NackReason.TRANSIENT, ERROR))
        .isEqualTo(
            new LeaseOutcome.Failed(
                new Job.JobError(
                    "POISONED",
                    "attempts: 3 failed (expected: success within 3, on any worker); last: no"
                        + " memory")));
  }

  @Test
  void tellsTheErrorItselfWhereNothingIsTriedAgain() {
    assertThat(
            new RetryPolicy(1, Duration.ZERO)
                .afterNack(job(0, Set.of()), NackReason.JOB_SUSPECT, ERROR))
        .isEqualTo(new LeaseOutcome.Failed(ERROR));
  }

  @Test
  void givesUpAJobThatIsSuspectOnTwoWorkers() {
    assertThat(policy.afterNack(job(1, Set.of("w")), NackReason.JOB_SUSPECT, ERROR))
        .isInstanceOf(LeaseOutcome.Returned.class);
    assertThat(policy.afterNack(job(1, Set.of("v")), NackReason.JOB_SUSPECT, ERROR))
        .isInstanceOf(LeaseOutcome.Failed.class);
  }

  private static Job job(int attempts, Set<String> excluded) {
    Instant now = Instant.EPOCH;
    GenerationParameters parameters =
        new GenerationParameters(
            "p", 64, 64, 4, 1, 7, 1, 16, List.of(1), false, false, "toy", 0, Wish.NONE);
    Job fresh = Job.accepted("j", new Job.Request("t", null, "h"), "m", parameters, now, now);
    return new Job(
        fresh.id(),
        fresh.request(),
        fresh.modelHash(),
        fresh.parameters(),
        fresh.state(),
        fresh.progress(),
        null,
        List.of(),
        null,
        fresh.times(),
        fresh.timings(),
        new Job.Lease(1, "w", now, attempts, excluded),
        false,
        1);
  }
}

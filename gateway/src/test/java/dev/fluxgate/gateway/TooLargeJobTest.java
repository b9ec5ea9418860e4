package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.worker.LeaseTimes;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.PlanResult;
import dev.fluxgate.v1.WatchJobResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A small and a large worker on the wire, and a job that only the large one has memory for. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TooLargeJobTest {
  private static final ByteString PNG = TestPng.of(64, 32, 3_000);
  private static final String BOTH_NUMBERS =
      "job: 2001 bytes of activations (expected: at most 2000 bytes here)";

  private final GatewayFixture gateway = new GatewayFixture();

  @AfterEach
  void close() {
    gateway.close();
  }

  private static void refuse(FakeWorker worker) throws InterruptedException {
    worker.nack(worker.nextAssign().getLease(), NackReason.NACK_REASON_TOO_LARGE, BOTH_NUMBERS);
    worker.credit(1);
  }

  /** The gateway has heard all that this worker said before; it gave it nothing. */
  private static void assertNothingCame(FakeWorker worker) throws InterruptedException {
    worker.heartbeat(LeaseRef.getDefaultInstance());
    worker.next(MessageCase.REVOKE);
  }

  @Test
  void givesAWorkerNothingThatItSaidItCannotDraw() throws Exception {
    try (FakeWorker small = FakeWorker.attached(gateway.port(), "small", List.of());
        FakeWorker large = FakeWorker.attached(gateway.port(), "large", List.of())) {
      small.planning =
          _ -> PlanResult.newBuilder().setNeededBytes(2001).setAvailableBytes(2000).build();
      Job job = gateway.create("", "a cat");
      awaitWaiting(job);
      small.plans.take();
      small.credit(1);
      assertNothingCame(small);

      large.credit(1);
      assertThat(large.nextAssign().getLease().getEpoch()).isEqualTo(1);
    }
  }

  @Test
  void leasesToAnotherWithoutAnAttemptWhatAWorkerHasNoMemoryFor() throws Exception {
    try (FakeWorker small = FakeWorker.ready(gateway.port(), "small");
        FakeWorker large = FakeWorker.attached(gateway.port(), "large", List.of())) {
      Job job = gateway.create("", "a cat");
      refuse(small);
      assertNothingCame(small);
      large.credit(1);
      for (int i = 0; i < 2; i++) {
        large.nack(large.nextAssign().getLease(), NackReason.NACK_REASON_TRANSIENT);
        large.credit(1);
        gateway.await(job.getId(), JobState.JOB_STATE_QUEUED);
        gateway.clock.advance(Duration.ofSeconds(5));
        gateway.process.workers().sweep();
      }
      Assign last = large.nextAssign();
      large.finish(last, PNG);

      assertThat(last.getLease().getEpoch()).isEqualTo(4);
      gateway.await(job.getId(), JobState.JOB_STATE_SUCCEEDED);
      assertThat(small.received).isEmpty();
    }
  }

  @Test
  void tellsBothNumbersOverGrpcAndRestOnceEachWorkerHasRefused() throws Exception {
    try (FakeWorker one = FakeWorker.ready(gateway.port(), "one");
        FakeWorker other = FakeWorker.ready(gateway.port(), "other");
        HttpUser user = new HttpUser(gateway)) {
      // Else the second could be given it first.
      assertNothingCame(one);
      Job job = gateway.create("", "a cat");
      refuse(one);
      refuse(other);
      assertNothingCame(other);
      gateway.process.workers().sweep();
      gateway.clock.advance(LeaseTimes.STANDARD.lease());
      gateway.process.workers().sweep();

      Job failed = gateway.await(job.getId(), JobState.JOB_STATE_FAILED);
      assertThat(failed.getError().getMessage()).isEqualTo(BOTH_NUMBERS);
      assertThat(
              HttpUser.json(user.get("/v1/jobs/" + job.getId()))
                  .path("error")
                  .path("message")
                  .asText())
          .isEqualTo(BOTH_NUMBERS);
    }
  }

  private void awaitWaiting(Job job) {
    Iterator<WatchJobResponse> watch = gateway.watch(job.getId(), 0);
    JobStage stage = job.getStage();
    while (stage != JobStage.JOB_STAGE_WAITING) {
      stage = watch.next().getJob().getStage();
    }
  }
}

package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.NackReason;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a job when its worker dies, falls silent, fails or comes back. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeaseRecoveryTest {
  private static final ByteString PNG = TestPng.of(64, 32, 3_000);
  private static final Duration BEYOND_LEASE = Duration.ofSeconds(31);

  private final GatewayFixture gateway = new GatewayFixture();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void letsAnotherWorkerFinishWhatADeadOneBegan() throws Exception {
    try (FakeWorker first = FakeWorker.ready(gateway.port(), "w");
        FakeWorker second = FakeWorker.attached(gateway.port(), "v", List.of())) {
      Job job = gateway.create("", "a cat");
      Assign lost = first.nextAssign();
      first.progress(lost.getLease(), 2);
      first.die();
      // Seen only after the hour has moved, its end would prolong the lease from there.
      gateway.awaitAttached(1);
      second.credit(1);
      gateway.clock.advance(BEYOND_LEASE);
      gateway.process.workers().sweep();
      Assign again = second.nextAssign();

      assertThat(again.getLease().getJobId()).isEqualTo(job.getId());
      assertThat(again.getLease().getEpoch()).isGreaterThan(lost.getLease().getEpoch());
      assertThat(again.getParameters()).isEqualTo(lost.getParameters());
      second.finish(again, PNG);
      gateway.await(job.getId(), JobState.JOB_STATE_SUCCEEDED);
      assertThat(gateway.download(job.getId(), 0, 0)).isEqualTo(PNG);
    }
  }

  @Test
  void refusesEverythingUnderALostLease() throws Exception {
    try (FakeWorker silent = FakeWorker.ready(gateway.port(), "w");
        FakeWorker other = FakeWorker.attached(gateway.port(), "v", List.of())) {
      Job job = gateway.create("", "a cat");
      Assign lost = silent.nextAssign();
      other.credit(1);
      gateway.clock.advance(BEYOND_LEASE);
      gateway.process.workers().sweep();
      Assign again = other.nextAssign();

      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> silent.upload(lost, PNG))
          .satisfies(e -> {
            Failure failure = Failure.ofCall(e);
            assertThat(failure.code()).isEqualTo(Code.FAILED_PRECONDITION);
            assertThat(failure.reason()).isEqualTo("LEASE_LOST");
          });
      silent.complete(lost.getLease());
      assertThat(silent.next(AttachResponse.MessageCase.REVOKE).getRevoke().getLease())
          .isEqualTo(lost.getLease());
      silent.heartbeat(lost.getLease());
      silent.next(AttachResponse.MessageCase.REVOKE);
      assertThat(gateway.get(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      other.finish(again, PNG);
      gateway.await(job.getId(), JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void keepsALeaseAliveByHeartbeats() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      Assign assign = worker.nextAssign();
      for (int i = 0; i < 5; i++) {
        gateway.clock.advance(Duration.ofSeconds(20));
        worker.heartbeat(assign.getLease());
        // The answer to this tells that the heartbeat before it has been taken.
        worker.heartbeat(LeaseRef.newBuilder().setJobId("nowhere").build());
        worker.next(AttachResponse.MessageCase.REVOKE);
        gateway.process.workers().sweep();
      }

      assertThat(gateway.get(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      worker.finish(assign, PNG);
      gateway.await(job.getId(), JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void letsAWorkerGoOnAfterItsStreamBroke() throws Exception {
    Assign assign;
    Job job;
    try (FakeWorker before = FakeWorker.ready(gateway.port(), "w")) {
      job = gateway.create("", "a cat");
      assign = before.nextAssign();
    }
    LeaseRef foreign = assign.getLease().toBuilder().setEpoch(9).build();
    try (FakeWorker after =
        FakeWorker.attached(gateway.port(), "w", List.of(assign.getLease(), foreign))) {
      assertThat(after.next(AttachResponse.MessageCase.REVOKE).getRevoke().getLease())
          .isEqualTo(foreign);
      after.finish(assign, PNG);
      gateway.await(job.getId(), JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void takesBackAtOnceWhatARestartedWorkerNoLongerKnows() throws Exception {
    try (FakeWorker before = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      Assign lost = before.nextAssign();
      try (FakeWorker after = FakeWorker.ready(gateway.port(), "w")) {
        Assign again = after.nextAssign();
        assertThat(again.getLease().getEpoch()).isEqualTo(lost.getLease().getEpoch() + 1);
        assertThat(Failure.ofCall(before.ended.get()).reason()).isEqualTo("REPLACED");
      }
    }
  }

  @Test
  void triesAJobElsewhereAfterAWorkersFault() throws Exception {
    try (FakeWorker faulty = FakeWorker.ready(gateway.port(), "w");
        FakeWorker other = FakeWorker.attached(gateway.port(), "v", List.of())) {
      gateway.create("", "a cat");
      Assign first = faulty.nextAssign();
      faulty.nack(first.getLease(), NackReason.NACK_REASON_WORKER_SUSPECT);
      faulty.credit(1);
      other.credit(1);
      gateway.await(first.getLease().getJobId(), JobState.JOB_STATE_QUEUED);
      gateway.clock.advance(Duration.ofSeconds(2));
      gateway.process.workers().sweep();

      assertThat(other.nextAssign().getLease().getEpoch()).isEqualTo(2);
      assertThat(faulty.received).isEmpty();
    }
  }

  @Test
  void failsAJobThatNobodyCanDraw() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      worker.nack(worker.nextAssign().getLease(), NackReason.NACK_REASON_INVALID);

      Job failed = gateway.await(job.getId(), JobState.JOB_STATE_FAILED);
      assertThat(failed.getError().getReason()).isEqualTo("DETAIL");
      assertThat(failed.getError().getMessage()).isEqualTo("why");
    }
  }

  @Test
  void keepsOnlySoMuchOfWhatAWorkerSays() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      worker.nack(
          worker.nextAssign().getLease(), NackReason.NACK_REASON_INVALID, "x".repeat(1 << 20));

      Job failed = gateway.await(job.getId(), JobState.JOB_STATE_FAILED);
      assertThat(failed.getError().getMessage()).hasSize(1001);
    }
  }

  @Test
  void givesUpAJobAfterThreeAttempts() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      for (int i = 0; i < 3; i++) {
        worker.nack(worker.nextAssign().getLease(), NackReason.NACK_REASON_TRANSIENT);
        worker.credit(1);
        gateway.await(job.getId(), i < 2 ? JobState.JOB_STATE_QUEUED : JobState.JOB_STATE_FAILED);
        gateway.clock.advance(Duration.ofSeconds(30));
        gateway.process.workers().sweep();
      }

      assertThat(gateway.get(job.getId()).getError().getReason()).isEqualTo("POISONED");
    }
  }

  @Test
  void givesADrainingWorkerNothingMore() throws Exception {
    try (FakeWorker leaving = FakeWorker.attached(gateway.port(), "w", List.of());
        FakeWorker other = FakeWorker.attached(gateway.port(), "v", List.of())) {
      leaving.drain();
      leaving.credit(1);
      leaving.heartbeat(LeaseRef.newBuilder().setJobId("nowhere").build());
      leaving.next(AttachResponse.MessageCase.REVOKE);
      gateway.create("", "a cat");
      other.credit(1);
      other.nextAssign();

      assertThat(leaving.received).isEmpty();
    }
  }

  @Test
  void doesNotBelieveAWorkerThatCompletesWithoutPictures() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      worker.complete(worker.nextAssign().getLease());

      gateway.await(job.getId(), JobState.JOB_STATE_QUEUED);
    }
  }
}

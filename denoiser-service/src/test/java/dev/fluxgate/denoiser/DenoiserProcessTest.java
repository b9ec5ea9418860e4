package dev.fluxgate.denoiser;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Cancel;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.Preview;
import dev.fluxgate.v1.PreviewReport;
import dev.fluxgate.v1.Revoke;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker on the wire: a real channel, a gateway that does as told, a painter of one colour. */
@Timeout(60)
class DenoiserProcessTest {
  @RegisterExtension private final AttachedWorker worker = new AttachedWorker(Duration.ZERO);
  private final FakeGateway gateway = worker.gateway;
  private final Painter painter = worker.painter;

  @Test
  void drawsAndHandsInThePictureThenAsksForMore() throws InterruptedException {
    gateway.assign("a");
    assertThat(gateway.pictures.take()).isEqualTo(ByteString.copyFrom(Painter.FILE));
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("a"));
    assertThat(gateway.hear(AttachRequest::hasCredit).getCredit().getCount()).isEqualTo(1);
    assertThat(painter.embeds.shape())
        .isEqualTo(Shape.of(FakeGateway.TOKENS, FakeGateway.TEXT_WIDTH));
  }

  @Test
  void reportsEachStep() throws InterruptedException {
    gateway.assign("a");
    for (int step = 1; step <= 3; step++) {
      assertThat(gateway.hear(AttachRequest::hasProgress).getProgress().getStep()).isEqualTo(step);
    }
  }

  @Test
  void fetchesAnEmbeddingOnlyOnce() throws InterruptedException {
    gateway.assign("a");
    gateway.hear(AttachRequest::hasComplete);
    gateway.assign("b");
    gateway.hear(AttachRequest::hasComplete);
    assertThat(gateway.downloads).hasValue(1);
  }

  @Test
  void stopsAtTheNextStepWhenCancelled() throws InterruptedException {
    painter.waitsAtStep = 2;
    gateway.assign("a");
    painter.reached.await();
    gateway.say(
        AttachResponse.newBuilder()
            .setCancel(Cancel.newBuilder().setLease(FakeGateway.lease("a")))
            .build());
    painter.waitUntilStopped();
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_CANCELLED);
    assertThat(painter.lastStep).isEqualTo(2);
    assertThat(gateway.pictures).isEmpty();
  }

  @Test
  void saysNothingOfALeaseThatWasTakenAway() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    gateway.say(
        AttachResponse.newBuilder()
            .setRevoke(Revoke.newBuilder().setLease(FakeGateway.lease("a")))
            .build());
    painter.waitUntilStopped();
    AttachRequest next = gateway.hear(m -> m.hasNack() || m.hasComplete() || m.hasCredit());
    assertThat(next.hasCredit()).as(next.toString()).isTrue();
  }

  @Test
  void givesBackAJobThatCannotBeDrawn() throws InterruptedException {
    painter.failure =
        new JobFailedException(
            JobFailedException.Fault.JOB,
            "NOT_FINITE",
            "latents: NaN (expected: finite values)",
            new ArithmeticException("NaN"));
    gateway.assign("a");
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_JOB_SUSPECT);
    assertThat(nack.getDetail()).isEqualTo("NOT_FINITE");
    assertThat(nack.getMessage()).isEqualTo("latents: NaN (expected: finite values)");
  }

  @Test
  void givesBackAJobThatItHasNoMemoryForAsTooLarge() throws InterruptedException {
    painter.failure =
        new JobFailedException(JobFailedException.Fault.MEMORY, "TOO_LARGE", "both numbers", null);
    gateway.assign("a");
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_TOO_LARGE);
    assertThat(nack.getMessage()).isEqualTo("both numbers");
  }

  @Test
  void showsPreviewsOfAJobThatAsksForThem() throws InterruptedException {
    gateway.assign("a", assign -> assign.getParametersBuilder().setPreviewInterval(1));
    PreviewReport report = gateway.hear(AttachRequest::hasPreview).getPreview();
    assertThat(report.getLease()).isEqualTo(FakeGateway.lease("a"));
    assertThat(report.getPreview())
        .isEqualTo(
            Preview.newBuilder()
                .setStep(1)
                .setMediaType("image/png")
                .setData(ByteString.copyFrom(painter.preview))
                .setWidth(16)
                .setHeight(16)
                .build());
  }

  @Test
  void givesBackWhatNobodyCanDoAndTakesTheNextJob() throws InterruptedException {
    gateway.assign("a", assign -> assign.getParametersBuilder().setPreviewInterval(-5));
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_INVALID);
    assertThat(nack.getMessage()).isEqualTo("preview_interval: -5 (expected: 0 or more steps)");
    gateway.assign("b", assign -> assign.setDeadlineMillis(-1));
    assertThat(gateway.hear(AttachRequest::hasNack).getNack().getMessage())
        .isEqualTo("deadline_millis: -1 (expected: 0 for none, or more)");
    gateway.hear(AttachRequest::hasCredit);
    gateway.assign("c", assign -> assign.setDeadlineMillis(Long.MAX_VALUE));
    gateway.hear(AttachRequest::hasComplete);
  }

  @Test
  void stopsWhenTheTimeOfAJobIsOver() throws InterruptedException {
    painter.waitsAtStep = 2;
    painter.waitsForStop = true;
    gateway.assign("a", assign -> assign.setDeadlineMillis(300));
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_CANCELLED);
    assertThat(nack.getDetail()).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(painter.lastStep).isLessThanOrEqualTo(2);
  }

  @Test
  void givesBackAJobWhoseEmbeddingIsGone() throws InterruptedException {
    gateway.embeddingIsGone = true;
    gateway.assign("a");
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_TRANSIENT);
    assertThat(nack.getDetail()).isEqualTo("EMBEDDING_NOT_FOUND");
    gateway.hear(AttachRequest::hasCredit);
  }

  @Test
  void survivesAnUnexpectedFailureAndTakesTheNextJob() throws InterruptedException {
    painter.failure = new IllegalStateException("broken");
    gateway.assign("a");
    assertThat(gateway.hear(AttachRequest::hasNack).getNack().getReason())
        .isEqualTo(NackReason.NACK_REASON_WORKER_SUSPECT);
    painter.failure = null;
    gateway.assign("b");
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("b"));
  }

  @Test
  void givesBackTheJobAndAsksForNoMoreOnceTheDeviceIsLost() throws Exception {
    painter.failure = new BackendLostException("illegal address", null);
    gateway.assign("a");
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_WORKER_SUSPECT);
    assertThat(nack.getDetail()).isEqualTo("DEVICE_LOST");
    assertThat(worker.process.lost().get(30, TimeUnit.SECONDS)).hasMessage("illegal address");
  }

  @Test
  void refusesAnEmbeddingWhoseHashIsAnother() throws InterruptedException {
    gateway.embeddingIsCorrupt = true;
    gateway.assign("a");
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_TRANSIENT);
    assertThat(nack.getMessage()).contains("sha256").contains("expected");
  }

  @Test
  void dropsItsWorkWhenTheGatewaySaysTheLeaseIsLost() throws InterruptedException {
    gateway.leaseIsLost = true;
    gateway.assign("a");
    AttachRequest next = gateway.hear(m -> m.hasNack() || m.hasComplete() || m.hasCredit());
    assertThat(next.hasCredit()).as(next.toString()).isTrue();
  }

  @Test
  void comesBackAfterABrokenStreamAndSaysWhatItIsDoing() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    gateway.hangUp();
    var hello = gateway.hear(AttachRequest::hasHello).getHello();
    assertThat(hello.getHeldLeasesList()).containsExactly(FakeGateway.lease("a"));
    assertThat(hello.getHeldEmbeddingsCount()).isEqualTo(1);
    painter.release.countDown();
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("a"));
  }

  @Test
  void heartbeatsNameTheLeasesAtWork() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    assertThat(
            gateway
                .hear(m -> m.hasHeartbeat() && m.getHeartbeat().getLeasesCount() > 0)
                .getHeartbeat()
                .getLeasesList())
        .containsExactly(FakeGateway.lease("a"));
  }

  @Test
  void givesItsJobBackWhenItLeaves() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    Thread leaving = Thread.ofVirtual().start(worker.process::close);
    gateway.hear(AttachRequest::hasDraining);
    painter.waitUntilStopped();
    assertThat(gateway.hear(AttachRequest::hasNack).getNack().getReason())
        .isEqualTo(NackReason.NACK_REASON_PREEMPTED);
    leaving.join();
  }
}

package dev.fluxgate.denoiser;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingModel;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.JobStoppedException;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.denoiser.picture.Pictures;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Cancel;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.Revoke;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker on the wire: a real channel, a gateway that does as told, a painter of one colour. */
@Timeout(60)
class DenoiserProcessTest {
  private static final byte[] FILE = {1, 2, 3, 4};

  private final FakeGateway gateway = new FakeGateway();
  private final Painter painter = new Painter();
  private DenoiserProcess worker;

  @BeforeEach
  void attach() throws InterruptedException {
    DenoiserConfig config =
        new DenoiserConfig(
            Path.of("unused"),
            DType.F32,
            "reference",
            gateway.target(),
            "worker-1",
            DenoiserConfig.Limits.STANDARD);
    worker = DenoiserProcess.start(config, painter);
    gateway.hear(AttachRequest::hasCredit);
  }

  @AfterEach
  void leave() {
    painter.release.countDown();
    worker.close();
    gateway.close();
  }

  @Test
  void drawsAndHandsInThePictureThenAsksForMore() throws InterruptedException {
    gateway.assign("a");
    assertThat(gateway.pictures.take()).isEqualTo(ByteString.copyFrom(FILE));
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
    Thread leaving = Thread.ofVirtual().start(worker::close);
    gateway.hear(AttachRequest::hasDraining);
    painter.waitUntilStopped();
    assertThat(gateway.hear(AttachRequest::hasNack).getNack().getReason())
        .isEqualTo(NackReason.NACK_REASON_PREEMPTED);
    leaving.join();
  }

  /** Draws three steps of nothing, and waits, fails or stops where a test wants it. */
  private static final class Painter implements PictureMaker {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    volatile int waitsAtStep;
    volatile int lastStep;
    volatile @Nullable RuntimeException failure;
    volatile HostTensor embeds = HostTensor.zeros(DType.F32, Shape.of(0));
    private volatile @Nullable JobProgress current;

    @Override
    public DrawingModel model() {
      return new DrawingModel(
          "toy",
          "flux2-dev",
          "hash",
          "mistral3",
          FakeGateway.TEXT_WIDTH,
          16,
          1 << 20,
          false,
          new DrawingModel.Defaults(16, 16, 3, 4),
          DType.F32);
    }

    @Override
    public Pictures draw(
        Drawing drawing,
        HostTensor promptEmbeds,
        @Nullable HostTensor negativePromptEmbeds,
        JobProgress progress) {
      RuntimeException failing = failure;
      if (failing != null) {
        throw failing;
      }
      current = progress;
      embeds = promptEmbeds;
      for (int step = 1; step <= 3; step++) {
        if (progress.isCancelled()) {
          throw new JobStoppedException(step - 1, 3);
        }
        lastStep = step;
        progress.report(JobProgress.Stage.DENOISING, step, 3);
        if (step == waitsAtStep) {
          pause();
        }
      }
      return new Pictures(List.of(new EncodedPicture(0, 16, 16, FILE)), 1, 1);
    }

    private void pause() {
      reached.countDown();
      try {
        assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Goes on once the job was told to stop. */
    void waitUntilStopped() throws InterruptedException {
      JobProgress progress = current;
      while (progress != null && !progress.isCancelled()) {
        Thread.onSpinWait();
      }
      release.countDown();
    }

    @Override
    public void close() {
      release.countDown();
    }
  }
}

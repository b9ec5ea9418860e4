package dev.fluxgate.denoiser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Revoke;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker whose gateway is slow, away, restarted or does not want it. */
@Timeout(60)
class GatewayTroubleTest {
  private static final int STEPS = 200;
  private static final int PREVIEW_BYTES = 200 << 10;

  @RegisterExtension private final AttachedWorker worker = new AttachedWorker(Duration.ZERO);
  private final FakeGateway gateway = worker.gateway;
  private final Painter painter = worker.painter;

  @Test
  void dropsPreviewsAndKeepsTheNewestStepForAGatewayThatDoesNotRead() throws InterruptedException {
    painter.steps = STEPS;
    painter.waitsAtStep = STEPS;
    painter.preview = new byte[PREVIEW_BYTES];
    gateway.stall();
    gateway.assign("a", assign -> assign.getParametersBuilder().setPreviewInterval(1));
    painter.reached.await();
    gateway.resume();

    List<AttachRequest> heard = new ArrayList<>();
    while (heard.isEmpty() || heard.getLast().getProgress().getStep() < STEPS) {
      heard.add(gateway.hear(m -> m.hasProgress() || m.hasPreview()));
    }

    long previews = heard.stream().filter(AttachRequest::hasPreview).count();
    // What the windows of the connection hold at most, of forty megabytes.
    assertThat(previews * PREVIEW_BYTES).isBetween(1L, 10L << 20);
    assertThat(heard.size() - previews).isLessThan(STEPS);
    painter.release.countDown();
    gateway.hear(AttachRequest::hasComplete);
  }

  @Test
  void saysOnceMoreWhatABrokenStreamMayHaveLost() throws InterruptedException {
    gateway.assign("a");
    gateway.hear(AttachRequest::hasCredit);
    gateway.hangUp();
    assertThat(gateway.hear(AttachRequest::hasHello).getHello().getHeldLeasesList())
        .containsExactly(FakeGateway.lease("a"));
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("a"));
    assertThat(gateway.hear(AttachRequest::hasCredit).getCredit().getCount()).isEqualTo(1);
  }

  @Test
  void doesNotSayAgainWhatTheNextLeaseProves() throws InterruptedException {
    gateway.assign("a");
    gateway.hear(AttachRequest::hasCredit);
    painter.waitsAtStep = 1;
    gateway.assign("b");
    painter.reached.await();
    gateway.hangUp();
    assertThat(gateway.hear(AttachRequest::hasHello).getHello().getHeldLeasesList())
        .containsExactly(FakeGateway.lease("b"));
    painter.release.countDown();
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("b"));
  }

  @Test
  void dropsWhatARestartedGatewayRevokes() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    gateway.hangUp();
    gateway.hear(AttachRequest::hasHello);
    gateway.say(
        AttachResponse.newBuilder()
            .setRevoke(Revoke.newBuilder().setLease(FakeGateway.lease("a")))
            .build());
    painter.waitUntilStopped();
    AttachRequest next = gateway.hear(m -> m.hasNack() || m.hasComplete() || m.hasCredit());
    assertThat(next.hasCredit()).as(next.toString()).isTrue();
    assertThat(gateway.pictures).isEmpty();
  }

  @Test
  void handsInWhatItFinishedWhileTheGatewayWasAway() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    gateway.refusal = Failure.of(Status.Code.UNAVAILABLE, "UNAVAILABLE", "going away");
    gateway.hangUp();
    gateway.hear(AttachRequest::hasHello);
    painter.release.countDown();
    gateway.pictures.take();
    gateway.refusal = null;
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("a"));
  }

  @Test
  void dialsOnWhenRefusedAndWorksOnceItIsWanted() throws InterruptedException {
    gateway.refusal =
        Failure.of(
            Status.Code.FAILED_PRECONDITION,
            "MODEL_MISMATCH",
            "model_hash: hash (expected: other, as worker-2 says of toy)");
    gateway.hangUp();
    for (int dial = 0; dial < 3; dial++) {
      gateway.hear(AttachRequest::hasHello);
    }
    gateway.refusal = null;
    gateway.heard.clear();
    gateway.hear(AttachRequest::hasHeartbeat);
    gateway.assign("a");
    gateway.hear(AttachRequest::hasComplete);
  }
}

package dev.fluxgate.denoiser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.NackReason;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker that was told to leave in the middle of a job, with an hour to finish it. */
@Timeout(60)
class WorkerLeavingTest {
  @RegisterExtension private final AttachedWorker worker = new AttachedWorker(Duration.ofHours(1));
  private final FakeGateway gateway = worker.gateway;
  private final Painter painter = worker.painter;
  private final Thread leaving = Thread.ofVirtual().unstarted(worker.process::close);

  @BeforeEach
  void tellToLeave() throws InterruptedException {
    painter.waitsAtStep = 1;
    gateway.assign("a");
    painter.reached.await();
    leaving.start();
    gateway.hear(AttachRequest::hasDraining);
  }

  @AfterEach
  void leave() throws InterruptedException {
    painter.release.countDown();
    leaving.join();
  }

  @Test
  void finishesItsJobWithHeartbeatsAndAsksForNoMore() throws InterruptedException {
    for (int beat = 0; beat < 3; beat++) {
      AttachRequest next = gateway.hear(m -> !m.hasProgress());
      assertThat(next.getHeartbeat().getLeasesList()).containsExactly(FakeGateway.lease("a"));
    }
    painter.release.countDown();
    gateway.hear(AttachRequest::hasComplete);
    leaving.join();
    assertThat(gateway.heard).noneMatch(AttachRequest::hasCredit).noneMatch(AttachRequest::hasNack);
  }

  @Test
  void givesItsJobBackAtOnceWhenToldAgain() throws InterruptedException {
    Thread again = Thread.ofVirtual().start(worker.process::close);
    painter.waitUntilStopped();
    assertThat(gateway.hear(AttachRequest::hasNack).getNack().getReason())
        .isEqualTo(NackReason.NACK_REASON_PREEMPTED);
    again.join();
    leaving.join();
    assertThat(painter.lastStep).isEqualTo(1);
  }

  @Test
  void givesBackALeaseThatCrossedItsGoodbye() throws InterruptedException {
    gateway.assign("b");
    Nack nack = gateway.hear(AttachRequest::hasNack).getNack();
    assertThat(nack.getLease()).isEqualTo(FakeGateway.lease("b"));
    assertThat(nack.getReason()).isEqualTo(NackReason.NACK_REASON_PREEMPTED);
    painter.release.countDown();
    assertThat(gateway.hear(AttachRequest::hasComplete).getComplete().getLease())
        .isEqualTo(FakeGateway.lease("a"));
  }

  @Test
  void staysOnItsWayOutWhenTheGatewayRestarts() throws InterruptedException {
    gateway.hangUp();
    assertThat(gateway.hear(AttachRequest::hasHello).getHello().getHeldLeasesList())
        .containsExactly(FakeGateway.lease("a"));
    AttachRequest next = gateway.hear(m -> m.hasDraining() || m.hasCredit());
    assertThat(next.hasDraining()).as(next.toString()).isTrue();
    painter.release.countDown();
    gateway.hear(AttachRequest::hasComplete);
  }
}

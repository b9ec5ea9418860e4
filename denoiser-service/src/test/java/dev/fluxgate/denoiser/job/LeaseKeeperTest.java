package dev.fluxgate.denoiser.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.job.LeaseKeeper.Stop;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LeaseKeeperTest {
  private static final Lease LEASE = new Lease("a", 1);

  private final LeaseKeeper leases = new LeaseKeeper();

  @Test
  void letsWorkGoOnUntilToldOtherwise() {
    take(null);
    assertThat(leases.stopped(LEASE)).isNull();
    leases.stop(new Lease("a", 2), Stop.CANCELLED);
    assertThat(leases.stopped(LEASE)).as("another epoch").isNull();
    leases.stop(LEASE, Stop.CANCELLED);
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.CANCELLED);
  }

  @Test
  void knowsNothingOfALeaseThatItDoesNotHold() {
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.REVOKED);
    take(null);
    leases.release(LEASE);
    assertThat(leases.leases()).isEmpty();
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.REVOKED);
  }

  @Test
  void keepsTheFirstReasonUnlessTheLeaseIsLost() {
    take(null);
    leases.stop(LEASE, Stop.CANCELLED);
    leases.stopAll(Stop.PREEMPTED);
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.CANCELLED);
    leases.stop(LEASE, Stop.REVOKED);
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.REVOKED);
    leases.stopAll(Stop.PREEMPTED);
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.REVOKED);
  }

  @Test
  void stopsWhenTheTimeIsOverAndNotBefore() {
    take(Duration.ofNanos(-1));
    assertThat(leases.stopped(LEASE)).isEqualTo(Stop.EXPIRED);
    take(Duration.ofHours(1));
    assertThat(leases.stopped(LEASE)).isNull();
    take(Duration.ofMillis(Long.MAX_VALUE));
    assertThat(leases.stopped(LEASE)).as("beyond all clocks").isNull();
  }

  @Test
  @Timeout(60)
  void waitsUntilNothingIsHeld() throws InterruptedException {
    leases.awaitNone(Duration.ofDays(1));
    take(null);
    leases.awaitNone(Duration.ZERO);
    Thread releasing = Thread.ofVirtual().start(() -> leases.release(LEASE));
    leases.awaitNone(Duration.ofMillis(Long.MAX_VALUE));
    assertThat(leases.leases()).isEmpty();
    releasing.join();
  }

  private void take(@Nullable Duration timeLeft) {
    Drawing drawing = new Drawing("", 16, 16, 1, 1, 0, 1, false, 0, DrawingOptions.NONE);
    leases.take(
        new DenoiseJob(
            LEASE,
            drawing,
            new DenoiseJob.Text(new EmbeddingRef("00", 1), null),
            null,
            InputRefs.NONE,
            null,
            timeLeft,
            "trace"));
  }
}

package dev.fluxgate.denoiser.job;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The leases a worker holds, and what it was told about them meanwhile. */
public final class LeaseKeeper {
  private final ConcurrentMap<Lease, Held> held = new ConcurrentHashMap<>();

  /** Why a job should stop. */
  public enum Stop {
    /** Its owner does not want it any more. */
    CANCELLED,
    /** Its time is over. */
    EXPIRED,
    /** The worker leaves. */
    PREEMPTED,
    /** It belongs to another: report nothing. */
    REVOKED
  }

  private static final class Held {
    private final long expiresAt;
    private final boolean expires;
    private volatile @Nullable Stop stop;

    Held(@Nullable Duration timeLeft) {
      expires = timeLeft != null;
      expiresAt = timeLeft == null ? 0 : System.nanoTime() + timeLeft.toNanos();
    }

    @Nullable Stop stop() {
      Stop told = stop;
      if (told == null && expires && System.nanoTime() - expiresAt > 0) {
        return Stop.EXPIRED;
      }
      return told;
    }
  }

  /** Takes a lease. */
  public void take(DenoiseJob job) {
    held.put(job.lease(), new Held(job.timeLeft()));
  }

  /** The work on a lease has ended, one way or another. */
  public void release(Lease lease) {
    held.remove(lease);
  }

  /** Everything being worked on. */
  public List<Lease> leases() {
    return List.copyOf(held.keySet());
  }

  /** Notes that the work on {@code lease} should stop; unknown leases are ignored. */
  public void stop(Lease lease, Stop why) {
    Held entry = held.get(lease);
    if (entry != null) {
      entry.stop = why;
    }
  }

  /** Notes it for all leases. */
  public void stopAll(Stop why) {
    held.values().forEach(entry -> entry.stop = why);
  }

  /** Why the work on {@code lease} should stop; null while it should go on. */
  public @Nullable Stop stopped(Lease lease) {
    Held entry = held.get(lease);
    return entry == null ? Stop.REVOKED : entry.stop();
  }
}

package dev.fluxgate.denoiser.job;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The leases a worker holds, and what it was told about them meanwhile. */
public final class LeaseKeeper {
  private final Map<Lease, Held> held = new LinkedHashMap<>();

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
    private @Nullable Stop stop;

    Held(@Nullable Duration timeLeft) {
      expires = timeLeft != null;
      // Of a time beyond all clocks the conversion gives the last one there is.
      expiresAt = timeLeft == null ? 0 : System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeLeft);
    }

    /**
     * The first reason stands: a job that was cancelled is not preempted when the worker leaves.
     */
    void stop(Stop why) {
      if (stop == null || why == Stop.REVOKED) {
        stop = why;
      }
    }

    @Nullable Stop stop() {
      if (stop == null && expires && System.nanoTime() - expiresAt > 0) {
        return Stop.EXPIRED;
      }
      return stop;
    }
  }

  /** Takes a lease. */
  public synchronized void take(DenoiseJob job) {
    held.put(job.lease(), new Held(job.timeLeft()));
  }

  /** The work on a lease has ended, one way or another. */
  public synchronized void release(Lease lease) {
    held.remove(lease);
    notifyAll();
  }

  /** Everything being worked on. */
  public synchronized List<Lease> leases() {
    return List.copyOf(held.keySet());
  }

  /** Waits until nothing is being worked on, or {@code limit} is over. */
  public synchronized void awaitNone(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(limit);
    long left = end - System.nanoTime();
    while (!held.isEmpty() && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = end - System.nanoTime();
    }
  }

  /** Notes that the work on {@code lease} should stop; unknown leases are ignored. */
  public synchronized void stop(Lease lease, Stop why) {
    Held entry = held.get(lease);
    if (entry != null) {
      entry.stop(why);
    }
  }

  /** Notes it for all leases. */
  public synchronized void stopAll(Stop why) {
    held.values().forEach(entry -> entry.stop(why));
  }

  /** Why the work on {@code lease} should stop; null while it should go on. */
  public synchronized @Nullable Stop stopped(Lease lease) {
    Held entry = held.get(lease);
    return entry == null ? Stop.REVOKED : entry.stop();
  }
}

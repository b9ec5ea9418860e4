package dev.fluxgate.cli.up;

import java.time.Duration;

/** How long to wait before a process that died is started again: longer each time. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** Who lived so long did not die of its start. */
  private static final Duration A_WHILE = Duration.ofSeconds(30);

  private Duration next = FIRST;

  /** The wait after a life of {@code lived}. */
  Duration after(Duration lived) {
    Duration delay = lived.compareTo(A_WHILE) < 0 ? next : FIRST;
    Duration twice = delay.multipliedBy(2);
    next = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    return delay;
  }
}

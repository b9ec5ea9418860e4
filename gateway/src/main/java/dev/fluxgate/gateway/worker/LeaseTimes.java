package dev.fluxgate.gateway.worker;

import java.time.Duration;

/**
 * How long things may take between gateway and worker (serving §2.2).
 *
 * @param heartbeat how often a worker says that it is alive
 * @param lease how long a lease lives without that
 * @param reconnect how long a lease lives once the worker's stream has broken
 * @param answer how long a request waits for what workers say to it before it is accepted without
 */
public record LeaseTimes(Duration heartbeat, Duration lease, Duration reconnect, Duration answer) {
  /** Six heartbeats may be missed; a broken stream gets two. */
  public static final LeaseTimes STANDARD =
      new LeaseTimes(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(2));
}

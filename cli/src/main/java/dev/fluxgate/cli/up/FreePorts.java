package dev.fluxgate.cli.up;

import dev.fluxgate.cli.failure.ServiceFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for services that have to find the same one free after a restart; no two alike. */
final class FreePorts {
  /**
   * Below what systems give to outgoing connections: one of those could take the port while its
   * service restarts, even that of a peer which dials it.
   */
  private static final int FIRST = 20_000;

  private static final int END = 32_000;
  private static final int ATTEMPTS = 200;

  private final Set<Integer> given = new HashSet<>();

  /** Ports other than {@code given}. */
  FreePorts(Integer... given) {
    this.given.addAll(List.of(given));
  }

  /** One that nobody listens at and that was not picked before. */
  int pick() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (given.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new ServiceFailedException(
        "ports: none free (expected: one in " + FIRST + ".." + (END - 1) + ")");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException _) {
      // Somebody has it.
      return false;
    }
  }
}

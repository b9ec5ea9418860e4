package dev.fluxgate.cli.up;

import dev.fluxgate.cli.failure.ServiceFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for services that have to find the same one free after a restart. */
final class FreePort {
  /**
   * Below what systems give to outgoing connections: one of those could take the port while its
   * service restarts, even that of a peer which dials it.
   */
  private static final int FIRST = 20_000;

  private static final int END = 32_000;
  private static final int ATTEMPTS = 200;

  private FreePort() {}

  /** One that nobody listens at. */
  static int pick() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port)) {
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

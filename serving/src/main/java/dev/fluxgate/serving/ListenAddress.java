package dev.fluxgate.serving;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where a server listens.
 *
 * @param host name or address of the interface
 * @param port 0 takes any free one
 */
public record ListenAddress(String host, int port) {

  /**
   * The address to bind.
   *
   * @throws UncheckedIOException if the host has none
   */
  public InetSocketAddress resolve() {
    try {
      return new InetSocketAddress(InetAddress.getAllByName(host)[0], port);
    } catch (UnknownHostException e) {
      throw unusable(e);
    }
  }

  /** Says that it cannot be listened at, and why. */
  public UncheckedIOException unusable(Throwable cause) {
    return new UncheckedIOException(
        "address: "
            + host
            + ":"
            + port
            + " (expected: one that can be listened at; "
            + cause.getMessage()
            + ")",
        cause instanceof IOException io ? io : new IOException(cause));
  }
}

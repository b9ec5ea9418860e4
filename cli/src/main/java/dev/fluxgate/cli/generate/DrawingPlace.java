package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.option.HostPort;

/** Where pictures are drawn. */
public sealed interface DrawingPlace extends AutoCloseable
    permits DrawingPlace.Remote, LocalSystem {

  /** Where its gateway listens, "host:port". */
  String target();

  @Override
  void close();

  /**
   * A server of somebody's, which stays when we go.
   *
   * @param address of its gateway
   */
  record Remote(HostPort address) implements DrawingPlace {
    @Override
    public String target() {
      return address.target();
    }

    @Override
    public void close() {}
  }
}

package dev.fluxgate.cli.option;

import java.nio.file.Path;

/** Where the checkout lies that this command line was started from. */
public final class Installation {
  private Installation() {}

  /** Its root folder, as the start script tells; the working folder without a script. */
  public static Path root() {
    return Path.of(System.getProperty("fluxgate.root", ""));
  }

  /** The embedded model. */
  public static Path toyModel() {
    return root().resolve("toy").resolve("model");
  }
}

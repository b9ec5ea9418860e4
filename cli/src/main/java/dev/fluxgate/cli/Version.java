package dev.fluxgate.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version of the build, out of its manifest. */
public final class Version implements IVersionProvider {

  /** The version alone, "dev" outside a packed build. */
  public static String number() {
    return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "dev");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "fluxgate " + number(), "Java " + Runtime.version() + ", " + System.getProperty("os.arch")
    };
  }
}

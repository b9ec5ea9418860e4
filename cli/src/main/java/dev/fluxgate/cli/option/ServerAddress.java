package dev.fluxgate.cli.option;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A gateway as its users name it.
 *
 * @param address where it is reached
 */
public record ServerAddress(HostPort address) {
  /** What is accepted, in words. */
  public static final String EXPECTED = "http://HOST:PORT, grpc://HOST:PORT or HOST:PORT";

  private static final Pattern FORM = Pattern.compile("(?:(?:http|grpc)://)?([^/]+)/?");

  /**
   * The server that {@code text} names; whatever its scheme, gRPC is spoken.
   *
   * @throws IllegalArgumentException for any other form, https among them
   */
  public static ServerAddress parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("server: " + text + " (expected: " + EXPECTED + ")");
    }
    return new ServerAddress(new HostPort(form.group(1)));
  }
}

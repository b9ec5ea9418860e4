package dev.fluxgate.cli;

/** What of the log is shown. It goes to stderr, by slf4j-simple, which reads its settings once. */
final class Logging {
  private static final String PREFIX = "org.slf4j.simpleLogger.";
  private static final String LEVEL = PREFIX + "defaultLogLevel";

  private Logging() {}

  /**
   * Services log what they do; other commands say what went wrong in one line and log nothing,
   * unless the user asks. A level that the JVM was started with stays.
   */
  static void configure(boolean service, boolean verbose) {
    if (System.getProperty(LEVEL) == null) {
      System.setProperty(LEVEL, service || verbose ? "warn" : "off");
      System.setProperty(PREFIX + "log.dev.fluxgate", ours(service, verbose));
      System.setProperty(PREFIX + "showDateTime", "true");
      System.setProperty(PREFIX + "dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
      System.setProperty(PREFIX + "showThreadName", "false");
      System.setProperty(PREFIX + "showShortLogName", "true");
    }
  }

  private static String ours(boolean service, boolean verbose) {
    if (verbose) {
      return "debug";
    }
    return service ? "info" : "off";
  }
}

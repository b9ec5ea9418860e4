package dev.fluxgate.cli.terminal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What the start script found out about stdout and stderr, and what the terminal tells itself. */
public final class Terminals {
  private static final int NARROWEST = 40;
  private static final int WITHOUT_TERMINAL = 120;

  private Terminals() {}

  /** Whether a person sees what is written to stderr at once. */
  public static boolean isStderr() {
    return Boolean.getBoolean("fluxgate.terminal");
  }

  /** Whether a person sees what is written to stdout at once. */
  public static boolean isStdout() {
    return Boolean.getBoolean("fluxgate.terminal.stdout");
  }

  /** Whether {@code terminal} wants colours, see no-color.org. */
  public static boolean hasColour(boolean terminal) {
    String refusal = System.getenv("NO_COLOR");
    return terminal && (refusal == null || refusal.isEmpty());
  }

  /** Characters in a line of stdout; 120 where it is no terminal. */
  public static int columns() {
    if (!isStdout()) {
      return WITHOUT_TERMINAL;
    }
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      boolean answered = stty.waitFor(1, TimeUnit.SECONDS) && size.matches("\\d{1,5} \\d{1,5}\\s*");
      return answered
          ? Math.max(NARROWEST, Integer.parseInt(size.strip().replaceFirst(".* ", "")))
          : WITHOUT_TERMINAL;
    } catch (IOException _) {
      // A system without stty, or a process without a terminal of its own.
      return WITHOUT_TERMINAL;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return WITHOUT_TERMINAL;
    }
  }
}

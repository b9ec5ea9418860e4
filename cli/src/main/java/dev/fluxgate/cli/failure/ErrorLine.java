package dev.fluxgate.cli.failure;

import dev.fluxgate.cli.terminal.PlainText;
import java.io.IOException;
import java.util.Objects;

/** What an exception says, for people. */
public final class ErrorLine {
  private ErrorLine() {}

  /** On one line that steers no terminal; its name where it says nothing. */
  public static String of(Exception e) {
    String message =
        e instanceof IOException io
            ? IoReason.withFile(io)
            : Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    return PlainText.line(message.strip().replaceAll("\\s*\\R\\s*", "; "));
  }
}

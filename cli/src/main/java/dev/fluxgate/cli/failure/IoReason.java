package dev.fluxgate.cli.failure;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.Objects;

/** Why a file could not be read or written, in words. */
public final class IoReason {
  private IoReason() {}

  /** Without the file's name: "no space left on device", "access denied", "no such file". */
  public static String of(IOException e) {
    if (e instanceof CharacterCodingException) {
      return "not UTF-8";
    }
    String told = e instanceof FileSystemException ofFile ? ofFile.getReason() : e.getMessage();
    String kind = e.getClass().getSimpleName().replace("Exception", "");
    String words = kind.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    return Objects.requireNonNullElse(told, words);
  }

  /** The file's name, where there is one, and why. */
  public static String withFile(IOException e) {
    return e instanceof FileSystemException ofFile && ofFile.getFile() != null
        ? ofFile.getFile() + ": " + of(e)
        : of(e);
  }
}

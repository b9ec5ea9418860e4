package dev.fluxgate.cli.picture;

import dev.fluxgate.cli.failure.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that appear under their name only when they are whole. */
public final class PictureFile {
  private PictureFile() {}

  /**
   * Checks that {@code file} can be written, before anything is drawn.
   *
   * @throws UncheckedIOException if not, naming the file
   */
  public static void check(Path file) {
    Path folder = folder(file);
    if (!Files.isDirectory(folder)) {
      throw unwritable(
          file, "a file in a folder that exists", new IOException("no folder " + folder));
    }
    if (Files.isDirectory(file)) {
      throw unwritable(file, "a file, not a folder", new IOException("is a folder"));
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw unwritable(file, "a file that may be written", new IOException("is read-only"));
    }
    try {
      Files.delete(part(folder));
    } catch (IOException e) {
      throw unwritable(file, "a file in a folder that can be written", e);
    }
  }

  /**
   * Writes {@code bytes} to {@code file}, replacing what was there in one step.
   *
   * @throws UncheckedIOException if it cannot be written, naming the file
   */
  public static void write(Path file, byte[] bytes) {
    try {
      Path part = part(folder(file));
      try {
        Files.write(part, bytes);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw unwritable(file, "a file that can be written", e);
    }
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Not by createTempFile: its files are for the owner alone, and a picture is not. */
  private static Path part(Path folder) throws IOException {
    return Files.createFile(
        folder.resolve(".fluxgate-" + ProcessHandle.current().pid() + "-" + System.nanoTime()));
  }

  private static UncheckedIOException unwritable(Path file, String expected, IOException e) {
    String reason = IoReason.of(e);
    return new UncheckedIOException(
        "--out: " + file + ": cannot be written, " + reason + " (expected: " + expected + ")", e);
  }
}

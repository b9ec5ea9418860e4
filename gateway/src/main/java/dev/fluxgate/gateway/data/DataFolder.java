package dev.fluxgate.gateway.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which one gateway keeps its data. A lock of the operating system keeps a second
 * gateway out, and ends with the process however that ends.
 */
public final class DataFolder implements AutoCloseable {
  private static final String LOCK = "gateway.lock";

  private final Path path;
  private final FileChannel lock;

  private DataFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the folder if it is missing, and takes it.
   *
   * @throws UncheckedIOException if it cannot be used or another gateway has it
   */
  public static DataFolder open(Path path) {
    try {
      Files.createDirectories(path);
      FileChannel channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isTaken(channel)) {
        channel.close();
        throw new IOException("another gateway uses it");
      }
      return new DataFolder(path, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "data: "
              + path
              + ": "
              + reason(path, e)
              + " (expected: a folder that this gateway alone can write to)",
          e);
    }
  }

  private static String reason(Path path, IOException e) {
    String message = String.valueOf(e.getMessage());
    // Of file errors the class says what the message, a path, does not.
    return message.startsWith(path.toString()) ? e.getClass().getSimpleName() : message;
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      @Nullable Object lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another gateway of this very process has it.
      return false;
    }
  }

  /** Where pictures lie. */
  public Path images() {
    return path.resolve("images");
  }

  /** Where inputs lie. */
  public Path inputs() {
    return path.resolve("inputs");
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("data: " + path + ": the lock cannot be given back", e);
    }
  }
}

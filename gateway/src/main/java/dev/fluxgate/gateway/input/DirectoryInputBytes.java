package dev.fluxgate.gateway.input;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Inputs as files of one folder, on the disk before {@link #put} returns. As long as jobs are lost
 * with the process, inputs of an earlier one belong to nobody and are deleted at the start.
 */
public final class DirectoryInputBytes implements InputBytes {
  private static final Pattern OURS =
      Pattern.compile("[0-9a-f]{64}(\\.input|-[0-9a-f-]{36}\\.part)");

  private final Path folder;

  /**
   * Makes the folder if it is missing, and empties it.
   *
   * @throws UncheckedIOException if it cannot be used
   */
  public DirectoryInputBytes(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          if (OURS.matcher(String.valueOf(file.getFileName())).matches()) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "data: " + folder + ": " + e + " (expected: a folder that can be written to)", e);
    }
  }

  @Override
  public void put(InputRef ref, ByteString bytes) {
    if (Files.exists(file(ref))) {
      return;
    }
    // Of two that store the same at once, each writes a file of its own.
    Path part = folder.resolve(ref + "-" + UUID.randomUUID() + ".part");
    try {
      write(part, bytes);
      Files.move(part, file(ref), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("input " + ref + " cannot be stored", e);
    }
  }

  private static void write(Path file, ByteString bytes) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      bytes.writeTo(out);
      channel.force(true);
    }
  }

  @Override
  public Optional<ByteString> find(InputRef ref) {
    try {
      return Files.exists(file(ref))
          ? Optional.of(ByteString.copyFrom(Files.readAllBytes(file(ref))))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("input " + ref + " cannot be read", e);
    }
  }

  @Override
  public void delete(InputRef ref) {
    try {
      Files.deleteIfExists(file(ref));
    } catch (IOException e) {
      throw new UncheckedIOException("input " + ref + " cannot be dropped", e);
    }
  }

  /** The name is hexadecimal, so that none can lead out of the folder. */
  private Path file(InputRef ref) {
    return folder.resolve(ref + ".input");
  }
}

package dev.fluxgate.gateway.image;

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
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Pictures as files of one folder, written out and on the disk before {@link #put} returns; the
 * oldest make room for the newest. As long as jobs are lost with the process, pictures of an
 * earlier one belong to nobody and are deleted at the start.
 */
public final class DirectoryImageStore implements ImageStore {
  private static final Pattern OURS =
      Pattern.compile("[0-9a-f-]{36}-\\d+-[0-9a-f]{64}\\.(image|part)");

  private final Map<ImageKey, Long> sizes = new LinkedHashMap<>();
  private final Path folder;
  private final long maxBytes;
  private long bytes;

  /**
   * A store of at most {@code maxBytes}, the newest picture always included.
   *
   * @throws UncheckedIOException if the folder cannot be used
   */
  public DirectoryImageStore(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
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
  public void put(ImageKey key, ByteString image) {
    synchronized (this) {
      if (sizes.containsKey(key)) {
        return;
      }
    }
    try {
      write(file(key, ".part"), image);
      Files.move(file(key, ".part"), file(key, ".image"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("image of job " + key.jobId() + " cannot be stored", e);
    }
    keep(key, image.size());
  }

  private static void write(Path file, ByteString image) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      image.writeTo(out);
      channel.force(true);
    }
  }

  private synchronized void keep(ImageKey key, long size) {
    if (sizes.putIfAbsent(key, size) != null) {
      return;
    }
    bytes += size;
    Iterator<Map.Entry<ImageKey, Long>> oldest = sizes.entrySet().iterator();
    while (bytes > maxBytes && sizes.size() > 1) {
      Map.Entry<ImageKey, Long> dropped = oldest.next();
      try {
        Files.deleteIfExists(file(dropped.getKey(), ".image"));
      } catch (IOException e) {
        throw new UncheckedIOException(
            "image of job " + dropped.getKey().jobId() + " cannot be dropped", e);
      }
      bytes -= dropped.getValue();
      oldest.remove();
    }
  }

  @Override
  public Optional<ByteString> find(ImageKey key) {
    synchronized (this) {
      if (!sizes.containsKey(key)) {
        return Optional.empty();
      }
    }
    Path file = file(key, ".image");
    try {
      return Files.exists(file)
          ? Optional.of(ByteString.copyFrom(Files.readAllBytes(file)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("image of job " + key.jobId() + " cannot be read", e);
    }
  }

  /** Job ids are the gateway's own, so that no name can lead out of the folder. */
  private Path file(ImageKey key, String extension) {
    return folder.resolve(
        key.jobId()
            + "-"
            + key.epoch()
            + "-"
            + HexFormat.of().formatHex(key.sha256().toByteArray())
            + extension);
  }
}

package dev.fluxgate.engine.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says whether two models are the same: SHA-256 over the sorted names and contents of their files.
 *
 * <p>Reading 64 GB takes minutes, so the digest of each file is remembered by absolute path, size
 * and modification time. The memory is a convenience: where it is broken or cannot be written, the
 * file is read again.
 */
public final class ModelHash {
  private static final Logger LOG = LoggerFactory.getLogger(ModelHash.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final @Nullable Path cacheFolder;

  /**
   * Remembers digests in {@code cacheFolder}.
   *
   * @param cacheFolder created when first needed; null to remember nothing
   */
  public ModelHash(@Nullable Path cacheFolder) {
    this.cacheFolder = cacheFolder;
  }

  /** Remembers digests in {@code $XDG_CACHE_HOME/fluxgate/hashes}, by default in ~/.cache. */
  public static ModelHash withUserCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && xdg.startsWith("/")
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home", "")).resolve(".cache");
    return new ModelHash(base.isAbsolute() ? base.resolve("fluxgate").resolve("hashes") : null);
  }

  /**
   * The hash of these component folders and files, 64 hexadecimal digits. Where they lie does not
   * matter, what they are called does; hidden files are left out.
   *
   * @throws UncheckedIOException if a file cannot be read
   */
  public String of(List<Path> componentsAndFiles) {
    Map<String, Path> files = new TreeMap<>();
    for (Path root : componentsAndFiles) {
      collect(root.toAbsolutePath().normalize(), files);
    }
    MessageDigest digest = sha256();
    files.forEach((name, file) -> {
      digest.update(name.getBytes(UTF_8));
      digest.update((byte) 0);
      digest.update(digestOf(file).getBytes(UTF_8));
    });
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void collect(Path root, Map<String, Path> files) {
    try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      Path parent = root.getParent() == null ? root : root.getParent();
      walk.filter(Files::isRegularFile)
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
          .forEach(file -> files.put(parent.relativize(file).toString().replace('\\', '/'), file));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(root + ": cannot be read: " + unreadable, unreadable);
    }
  }

  private String digestOf(Path file) {
    try {
      String state = Files.size(file) + " " + Files.getLastModifiedTime(file).toInstant();
      String remembered = recall(file, state);
      if (remembered != null) {
        return remembered;
      }
      String digest = read(file);
      remember(file, state, digest);
      return digest;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(file + ": cannot be read: " + unreadable, unreadable);
    }
  }

  private static String read(Path file) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer) >= 0) {
        digest.update(buffer.flip());
        buffer.clear();
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** One small file for each hashed one; two processes may write it at once, both the same. */
  private @Nullable Path entry(Path file) {
    byte[] name = sha256().digest(file.toString().getBytes(UTF_8));
    return cacheFolder == null ? null : cacheFolder.resolve(HexFormat.of().formatHex(name));
  }

  private @Nullable String recall(Path file, String state) {
    Path entry = entry(file);
    if (entry == null || !Files.isRegularFile(entry)) {
      return null;
    }
    try {
      List<String> lines = Files.readAllLines(entry);
      boolean current =
          lines.size() == 2
              && lines.getFirst().equals(state)
              && lines.getLast().matches("[0-9a-f]{64}");
      return current ? lines.getLast() : null;
    } catch (IOException unreadable) {
      LOG.debug("{}: not used, hashing {} again", entry, file, unreadable);
      return null;
    }
  }

  private void remember(Path file, String state, String digest) {
    Path entry = entry(file);
    if (entry == null || cacheFolder == null) {
      return;
    }
    try {
      Files.createDirectories(cacheFolder);
      Path part = Files.createTempFile(cacheFolder, "hash", ".part");
      Files.writeString(part, state + "\n" + digest + "\n");
      Files.move(part, entry, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException unwritable) {
      LOG.debug("{}: not written, {} will be hashed again", entry, file, unwritable);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256 (expected: in every JDK)", impossible);
    }
  }
}

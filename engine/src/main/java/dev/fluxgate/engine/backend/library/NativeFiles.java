package dev.fluxgate.engine.backend.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Native libraries of the class path, as files. They are copied once into a cache of the user and
 * found there later: a look at the length instead of 90 MB unpacked at every start.
 */
public final class NativeFiles {
  private final String product;
  private final String folder;
  private final Path cache;

  private NativeFiles(String product, String folder, Path cache) {
    this.product = product;
    this.folder = folder;
    this.cache = cache;
  }

  /**
   * Libraries of {@code product}, as messages call it, below the class-path folder {@code folder},
   * cached below {@code cache}.
   */
  public static NativeFiles of(String product, String folder, Path cache) {
    return new NativeFiles(product, folder, cache);
  }

  /** Folder name of this platform in the native jars: {@code linux-x86_64}. */
  public static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    String system = os.startsWith("mac") ? "macosx" : os.startsWith("win") ? "windows" : os;
    return system
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
  }

  /** Where files are cached: {@code FLUXGATE_CACHE}, else the cache folder of the user. */
  public static Path userCache() {
    String chosen = System.getenv("FLUXGATE_CACHE");
    if (chosen != null) {
      return Path.of(chosen);
    }
    String standard = System.getenv("XDG_CACHE_HOME");
    Path caches =
        standard == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(standard);
    return caches.resolve("fluxgate");
  }

  /**
   * The file of library {@code name}.
   *
   * @throws MissingLibraryException if the class path has none for this platform
   * @throws UncheckedIOException if it cannot be copied
   */
  public Path file(String name) {
    URL resource = NativeFiles.class.getClassLoader().getResource(folder + "/" + name);
    if (resource == null) {
      throw new MissingLibraryException(
          product
              + ": no "
              + folder
              + "/"
              + name
              + " on the class path (expected: its native jar)");
    }
    try {
      URLConnection connection = resource.openConnection();
      // The jar tells its own time of change, so that another version is another folder.
      Path target =
          cache
              .resolve(folder + "-" + Long.toHexString(connection.getLastModified()))
              .resolve(name);
      long length = connection.getContentLengthLong();
      if (!Files.exists(target) || Files.size(target) != length) {
        copy(connection, target);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(
          product + ": " + name + " could not be unpacked to " + cache, e);
    }
  }

  /** Several processes may start at once: each copies aside, the move is atomic. */
  private static void copy(URLConnection connection, Path target) throws IOException {
    Path folder = Files.createDirectories(target.toAbsolutePath().getParent());
    Path aside = Files.createTempFile(folder, target.getFileName().toString(), ".part");
    try (InputStream in = connection.getInputStream()) {
      Files.copy(in, aside, StandardCopyOption.REPLACE_EXISTING);
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      // Another process was faster; its file is as good.
    } finally {
      Files.deleteIfExists(aside);
    }
  }
}

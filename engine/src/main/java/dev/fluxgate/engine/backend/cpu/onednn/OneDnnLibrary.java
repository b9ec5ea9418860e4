package dev.fluxgate.engine.backend.cpu.onednn;

import dev.fluxgate.engine.backend.library.MissingLibraryException;
import dev.fluxgate.engine.backend.library.NativeFiles;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The shared library, loaded once for the life of the process. */
public final class OneDnnLibrary {
  private static final Attempt ATTEMPT = Attempt.load();

  private OneDnnLibrary() {}

  /** Why oneDNN cannot be used on this machine; empty if it can. */
  public static Optional<String> whyUnavailable() {
    return Optional.ofNullable(ATTEMPT.reason);
  }

  /**
   * Where its functions are found.
   *
   * @throws OneDnnUnavailableException if it cannot be used
   */
  static SymbolLookup symbols() {
    if (ATTEMPT.symbols == null) {
      throw new OneDnnUnavailableException(String.valueOf(ATTEMPT.reason));
    }
    return ATTEMPT.symbols;
  }

  /** Either symbols or the reason why there are none. */
  private record Attempt(@Nullable SymbolLookup symbols, @Nullable String reason) {

    @SuppressWarnings("restricted") // Loading native code is what this is for.
    static Attempt load() {
      String platform = NativeFiles.platform();
      if (!platform.startsWith("linux-")) {
        return new Attempt(
            null, "oneDNN: " + platform + " (expected: linux-x86_64 or linux-arm64)");
      }
      NativeFiles files =
          NativeFiles.of("oneDNN", "org/bytedeco/dnnl/" + platform, NativeFiles.userCache());
      try {
        // OpenMP first: oneDNN then binds to this copy, and its thread setting is the one we set.
        SymbolLookup openMp =
            SymbolLookup.libraryLookup(files.file("libgomp.so.1"), Arena.global());
        SymbolLookup oneDnn =
            SymbolLookup.libraryLookup(files.file("libdnnl.so.3"), Arena.global());
        return new Attempt(oneDnn.or(openMp), null);
      } catch (MissingLibraryException | IllegalArgumentException | UncheckedIOException e) {
        return new Attempt(null, e.getMessage());
      }
    }
  }
}

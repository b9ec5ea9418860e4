package dev.fluxgate.engine.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.fluxgate.engine.backend.library.MissingLibraryException;
import dev.fluxgate.engine.backend.library.NativeFiles;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The driver library, loaded once for the life of the process. */
public final class CudaLibrary {
  /** The system property, and the environment variable, that name another library. */
  public static final String PROPERTY = "fluxgate.cuda.driver";

  static final String VARIABLE = "FLUXGATE_CUDA_DRIVER";

  private static final String STANDARD = "libcuda.so.1";

  /** The first CUDA with PTX ISA 7.0, in which the kernels are written, and sm_80. */
  private static final int OLDEST_VERSION = 11000;

  /** By name of the library: one that is named later may be there where the first was not. */
  private static final Map<String, Attempt> ATTEMPTS = new ConcurrentHashMap<>();

  private CudaLibrary() {}

  /** Why device {@code ordinal} cannot be used on this machine; empty if it can. */
  public static Optional<String> whyUnavailable(int ordinal) {
    Attempt attempt = attempt();
    return attempt.reason == null ? CudaDevices.whyNot(ordinal) : Optional.of(attempt.reason);
  }

  /** Whether the driver is the emulator of this project, and its device the processor. */
  public static boolean isEmulated() {
    SymbolLookup symbols = attempt().symbols;
    return symbols != null && symbols.find("fluxgate_fake_reset").isPresent();
  }

  /** What the devices of this machine are, in the order of their numbers; none without a driver. */
  public static List<DeviceProperties> devices() {
    return attempt().reason == null ? CudaDevices.all() : List.of();
  }

  /**
   * Where its functions are found.
   *
   * @throws CudaUnavailableException if it cannot be used
   */
  static SymbolLookup symbols() {
    Attempt attempt = attempt();
    if (attempt.symbols == null) {
      throw new CudaUnavailableException(String.valueOf(attempt.reason));
    }
    return attempt.symbols;
  }

  private static Attempt attempt() {
    String variable = System.getenv(VARIABLE);
    String library = System.getProperty(PROPERTY, variable == null ? STANDARD : variable);
    return ATTEMPTS.computeIfAbsent(library, Attempt::load);
  }

  /** Either symbols or the reason why there are none. */
  record Attempt(@Nullable SymbolLookup symbols, @Nullable String reason) {

    /** Loads the library of this name or path, then JCuda, which binds to it by its soname. */
    static Attempt load(String library) {
      if (!NativeFiles.platform().equals("linux-x86_64")) {
        return failed(NativeFiles.platform() + " (expected: linux-x86_64)");
      }
      SymbolLookup symbols;
      try {
        symbols = lookup(library);
      } catch (IllegalArgumentException e) {
        return failed(
            "%s cannot be loaded (expected: the library of an NVIDIA driver; %s names another)"
                .formatted(library, VARIABLE));
      }
      Optional<MemorySegment> version = symbols.find("cuDriverGetVersion");
      if (version.isEmpty()) {
        return failed(library + " has no cuDriverGetVersion (expected: an NVIDIA driver)");
      }
      int number = version(version.get());
      if (number < OLDEST_VERSION) {
        return failed(
            "the driver serves CUDA %s (expected: %s or newer)"
                .formatted(
                    DeviceProperties.version(number), DeviceProperties.version(OLDEST_VERSION)));
      }
      try {
        JCudaNatives.load();
      } catch (MissingLibraryException | UncheckedIOException e) {
        return new Attempt(null, e.getMessage());
      } catch (LinkageError e) {
        return failed("the native half of JCuda cannot be loaded: " + e.getMessage());
      }
      return new Attempt(symbols, null);
    }

    private static Attempt failed(String reason) {
      return new Attempt(null, "cuda: " + reason);
    }

    @SuppressWarnings("restricted") // Loading native code is what this is for.
    private static SymbolLookup lookup(String library) {
      return library.contains("/")
          ? SymbolLookup.libraryLookup(Path.of(library).toAbsolutePath(), Arena.global())
          : SymbolLookup.libraryLookup(library, Arena.global());
    }

    /** The version the driver tells, 0 if it does not. */
    @SuppressWarnings({"restricted", "IllegalCatch"}) // A downcall declares Throwable, throws none.
    private static int version(MemorySegment function) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(JAVA_INT);
        int status =
            (int)
                Linker.nativeLinker()
                    .downcallHandle(function, FunctionDescriptor.of(JAVA_INT, ADDRESS))
                    .invokeExact(out);
        return status == 0 ? out.get(JAVA_INT, 0) : 0;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
